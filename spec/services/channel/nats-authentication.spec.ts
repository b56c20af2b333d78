import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credsAuthenticator, nkeyAuthenticator, nkeys } from '@nats-io/transport-node';
import type { NatsOptions } from '../../../services/channel/index.js';
import { freshCertificates } from '../../support/certificates.js';
import { messagesOf } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { NatsServer, natsChannel, withoutNats } from '../../support/nats.js';
import { freshDirectory } from '../../support/places.js';

/** How a server knows its clients, and what one of them says; then what is refused. */
interface Method {
  /** Options of `nats-server`. */
  readonly server: string[];
  readonly right: NatsOptions;
  readonly wrong: NatsOptions;
}

const METHODS: Record<string, () => Method> = {
  'a token': () => ({ server: ['--auth', 'secret'], right: { token: 'secret' }, wrong: { token: 'guess' } }),
  'a user and a password': () => ({
    server: ['--user', 'shop', '--pass', 'secret'],
    right: { user: 'shop', pass: 'secret' },
    wrong: { user: 'shop', pass: 'guess' },
  }),
  'an nkey': () => {
    const user = nkeys.createUser();
    return {
      server: configured(`authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`),
      right: { authenticator: nkeyAuthenticator(user.getSeed()) },
      wrong: { authenticator: nkeyAuthenticator(nkeys.createUser().getSeed()) },
    };
  },
  'a credentials file': () => {
    const { server, credentials } = operated();
    return {
      server,
      right: { authenticator: credsAuthenticator(readFileSync(credentials)) },
      wrong: { authenticator: credsAuthenticator(readFileSync(operated().credentials)) },
    };
  },
  TLS: () => {
    const { ca, server } = freshCertificates();
    return {
      server: ['--tls', '--tlscert', server.cert, '--tlskey', server.key],
      right: { tls: { caFile: ca } },
      wrong: { tls: {} },
    };
  },
  'a certificate': () => {
    const { ca, server, client, stranger } = freshCertificates();
    return {
      server: ['--tlsverify', '--tlscert', server.cert, '--tlskey', server.key, '--tlscacert', ca],
      right: { tls: { caFile: ca, certFile: client.cert, keyFile: client.key } },
      wrong: { timeout: 100, tls: { caFile: ca, certFile: stranger.cert, keyFile: stranger.key } },
    };
  },
};

describe('A channel over NATS with authentication', () => {
  beforeEach(() => {
    if (withoutNats !== undefined) pending(withoutNats);
  });

  for (const [name, method] of Object.entries(METHODS)) {
    it(`is admitted by ${name}, and reports it if it is not`, async () => {
      const { server: options, right, wrong } = method();
      const server = await NatsServer.start(...options);
      const [first, second] = [natsChannel(server, { nats: right }), natsChannel(server, { nats: right })];
      second.handle('double', (n: number) => n * 2);
      await second.ready();
      expect(await first.to(second.pid as number).request('double', 21)).toBe(42);
      const stranger = natsChannel(server, { nats: wrong }).on('error', () => {});
      await expectAsync(stranger.ready()).toBeRejectedWith(ipcError('ERR_IPC_CONNECT', server.url));
    });
  }
});

describe('A channel over NATS with permissions', () => {
  beforeEach(() => {
    if (withoutNats !== undefined) pending(withoutNats);
  });

  /** A server that permits something to its only user, and that user. */
  async function permitting(permissions: string) {
    const users = `{ user: shop, password: secret, permissions: { ${permissions} } }`;
    const server = await NatsServer.start(...configured(`authorization { users: [ ${users} ] }`));
    return { server, nats: { user: 'shop', pass: 'secret' } };
  }

  it('needs the documented ones', async () => {
    const { server, nats } = await permitting(
      'publish: ["omni-ipc.>", "$KV.>", "$JS.API.>"], subscribe: ["omni-ipc.>", "_INBOX.>"]',
    );
    const errors = jasmine.createSpy();
    const [first, second] = [natsChannel(server, { nats }), natsChannel(server, { nats, peer: 'billing' })];
    for (const channel of [first, second]) await channel.on('error', errors).ready();
    second.handle('double', (n: number) => n * 2);
    await second.subscribe('news.>', () => {});
    first.publish('news.sports');
    expect(await first.to('billing').request('double', 21)).toBe(42);
    expect(errors).not.toHaveBeenCalled();
  });

  it('does not open without those for its numbers, and names them', async () => {
    const { server, nats } = await permitting('publish: { deny: "$KV.>" }');
    const channel = natsChannel(server, { nats }).on('error', () => {});
    await expectAsync(channel.ready()).toBeRejectedWith(
      ipcError('ERR_IPC_CONNECT', '"$KV.omni-ipc-peers.number.1"'),
    );
  });

  it('reports once each that it lacks for messages', async () => {
    const { server, nats } = await permitting(
      'publish: { deny: "omni-ipc.*.members" }, subscribe: { deny: "omni-ipc.>" }',
    );
    const channel = natsChannel(server, { nats });
    const errors = await messagesOf(channel, 'error', 3);
    const refused = (subject: string) => [ipcError('ERR_IPC_REFUSED', subject)];
    expect(errors).toEqual(
      jasmine.arrayWithExactContents([
        refused(`Subscription to "omni-ipc.peers.run.${channel.id}"`),
        refused('Subscription to "omni-ipc.peers.members"'),
        refused('Publish to "omni-ipc.peers.members"'),
      ]),
    );
    const more = jasmine.createSpy();
    channel.on('error', more);
    // It announces its topics, and waits until the server has processed that.
    for (let i = 0; i < 3; i++) await channel.unsubscribe('nothing');
    expect(more).not.toHaveBeenCalled();
  });
});

/** The options for a server with a configuration file. */
function configured(text: string): string[] {
  const file = join(freshDirectory(), 'nats.conf');
  writeFileSync(file, text);
  return ['-c', file];
}

/** A server that believes an operator of its own, and a file with the credentials of a user. */
function operated(): { server: string[]; credentials: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const system = nkeys.createAccount().getPublicKey();
  const [operatorKey, accountKey] = [operator.getPublicKey(), account.getPublicKey()];
  const all = {
    subs: -1,
    data: -1,
    payload: -1,
    conn: -1,
    leaf: -1,
    imports: -1,
    exports: -1,
    wildcards: true,
  };
  const limits = { ...all, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const operatorToken = token(operator, operatorKey, { type: 'operator' });
  const accountToken = token(operator, accountKey, { type: 'account', limits });
  const userToken = token(account, user.getPublicKey(), { type: 'user', subs: -1, data: -1, payload: -1 });
  const credentials = join(freshDirectory(), 'shop.creds');
  writeFileSync(
    credentials,
    [
      '-----BEGIN NATS USER JWT-----',
      userToken,
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      new TextDecoder().decode(user.getSeed()),
      '------END USER NKEY SEED------',
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  const systemToken = token(operator, system, { type: 'account', limits: all });
  const server = configured(`
    operator: ${operatorToken}
    system_account: ${system}
    resolver: MEMORY
    resolver_preload: { ${accountKey}: ${accountToken}, ${system}: ${systemToken} }
  `);
  return { server, credentials };
}

/** A JSON web token as NATS has them, signed by who issues it. */
function token(issuer: nkeys.KeyPair, subject: string, nats: object): string {
  const head = { typ: 'JWT', alg: 'ed25519-nkey' };
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject,
    name: 'spec',
    nats: { ...nats, version: 2 },
  };
  const signed = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}
