import { createDiffieHellmanGroup } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectNet, createServer, Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { NetAddress } from '../../../entities/address.js';
import type { TlsConfig } from '../../../entities/config/network.js';
import { handshakeFailure } from '../../../lib/transports/failure.js';
import { tls, tlsOptions } from '../../../lib/transports/tls.js';
import { afterwards } from '../../support/afterwards.js';
import { type Certificates, freshCertificates } from '../../support/certificates.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { freshIPC, type Settings } from '../../support/instances.js';
import { freshDirectory } from '../../support/places.js';
import { dialled, Ear, probesOf } from '../../support/transports.js';

let files: Certificates;
/** A server that clients trust. */
let serving: TlsConfig;
/** A client that trusts that server. */
let trusting: TlsConfig;

beforeEach(() => {
  files = freshCertificates();
  serving = { private: files.server.key, public: files.server.cert };
  trusting = { trustedConnections: files.ca };
});

function at(port = 0, host = 'localhost'): NetAddress {
  return { transport: 'tls', host, port };
}

function listen(config: TlsConfig | false = serving, settings: Settings = {}): Promise<Ear> {
  return Ear.open(tls, at(), { tls: config, ...settings });
}

function dial(ear: Ear, config: TlsConfig | false = trusting): Promise<TLSSocket> {
  return dialled(tls, at(ear.listener.port), { tls: config }) as Promise<TLSSocket>;
}

/** A TCP connection to a TLS listener. */
async function bare(ear: Ear): Promise<Socket> {
  const socket = connectNet({ host: '127.0.0.1', port: ear.listener.port as number });
  socket.on('error', () => {}).resume();
  afterwards(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** A file with a text in it. */
function fileOf(text: string): string {
  const file = join(freshDirectory(), 'file');
  writeFileSync(file, text);
  return file;
}

/** A well-known group's Diffie-Hellman parameters: making new ones takes long. */
function parameters(): string {
  const group = createDiffieHellmanGroup('modp14');
  const integer = (bytes: Buffer) => {
    const positive = (bytes[0] as number) > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
    return der(2, positive);
  };
  const body = der(0x30, Buffer.concat([integer(group.getPrime()), integer(group.getGenerator())]));
  const lines = body.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN DH PARAMETERS-----\n${lines}\n-----END DH PARAMETERS-----\n`;
}

function der(tag: number, body: Buffer): Buffer {
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}

describe('TLS', () => {
  it('reads the files of the keys that node-ipc has for paths, and passes on the rest', () => {
    const pem = (content: string) => `-----BEGIN ${content}-----`;
    const [one, other] = [fileOf(pem('one')), fileOf(pem('other'))];
    const options = tlsOptions({
      private: one,
      public: other,
      trustedConnections: [one, other],
      requestCert: true,
      servername: 'world',
      dhparam: 'auto',
    });
    expect(options).toEqual({
      key: Buffer.from(pem('one')),
      cert: Buffer.from(pem('other')),
      ca: [Buffer.from(pem('one')), Buffer.from(pem('other'))],
      requestCert: true,
      servername: 'world',
      dhparam: 'auto',
    } as object);
    expect(tlsOptions({ trustedConnections: one }).ca).toEqual([Buffer.from(pem('one'))]);
    expect(tlsOptions({})).toEqual({});
  });

  it('accepts contents as node:tls does', async () => {
    const ear = await listen({
      key: readFileSync(files.server.key),
      cert: readFileSync(files.server.cert, 'utf8'),
    });
    expect((await dial(ear, { ca: readFileSync(files.ca) })).authorized).toBeTrue();
  });

  it('does not change the config, so that it can be used many times', async () => {
    const config = Object.freeze({
      ...serving,
      ...trusting,
      trustedConnections: Object.freeze([files.ca]),
      requestCert: false,
      dhparam: 'auto',
    });
    const before = structuredClone(config);
    for (let i = 0; i < 2; i++) {
      const ear = await listen(config);
      for (let j = 0; j < 2; j++) await dial(ear, config);
      await ear.socket(2);
      await ear.close();
    }
    expect(config).toEqual(before);
  });

  for (const key of ['private', 'public', 'trustedConnections', 'dhparam'] as const) {
    it(`names the unreadable file of tls.${key}`, async () => {
      const missing = join(freshDirectory(), 'missing.pem');
      const refused = ipcError(
        'ERR_IPC_CONFIG',
        `config.tls.${key} names ${missing}, which cannot be read: ENOENT`,
      );
      const error = await failure(listen({ ...serving, [key]: missing }));
      expect(error).toEqual(refused);
      expect(error.cause).toEqual(jasmine.objectContaining({ code: 'ENOENT' }));
      const ear = await listen();
      expect(await failure(dial(ear, { [key]: missing }))).toEqual(refused);
    });
  }

  it('refuses invalid keys, certificates and ciphers', async () => {
    const ear = await listen();
    const wrong: TlsConfig[] = [
      { private: fileOf('-----BEGIN no key-----') },
      { public: fileOf('-----BEGIN none-----') },
      { ciphers: 'NONE' },
    ];
    for (const config of wrong) {
      const refused = ipcError('ERR_IPC_CONFIG', 'config.tls cannot be used: ');
      expect(await failure(listen({ ...serving, ...config }))).toEqual(refused);
      expect(await failure(dial(ear, config))).toEqual(refused);
    }
  });

  it('refuses to serve without a certificate', async () => {
    for (const config of [{}, false, { requestCert: true }, { private: files.server.key }] as const) {
      expect(await failure(listen(config))).toEqual(
        ipcError(
          'ERR_IPC_CONFIG',
          'gives a server no certificate; set config.tls.private and config.tls.public',
        ),
      );
    }
  });

  it('serves with any other identity of a server', async () => {
    const shown: object[] = [{ SNICallback() {} }, { pskCallback: () => null, ciphers: 'PSK' }];
    for (const config of shown) expect((await listen(config)).listener.port).toBeGreaterThan(0);
  });

  it('needs no certificate if both sides share a key', async () => {
    const psk = Buffer.from('d731ef57be09e5204f0b205b60627028', 'hex');
    const shared: TlsConfig = { ciphers: 'PSK', maxVersion: 'TLSv1.2' };
    const server: object = {
      ...shared,
      pskCallback: (_socket: unknown, who: string) => (who === 'me' ? psk : null),
    };
    const client = (identity: string): object => ({
      ...shared,
      pskCallback: () => ({ psk, identity }),
      checkServerIdentity: () => undefined,
    });
    const ear = await listen(server);
    const socket = await dial(ear, client('me'));
    expect(socket.getCipher().name).toContain('PSK');
    await ear.socket();
    await expectAsync(dial(ear, client('you'))).toBeRejected();
    expect(await ear.error()).toEqual(ipcError('ERR_IPC_HANDSHAKE'));
  });

  const ephemeral: TlsConfig = { ciphers: 'DHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' };

  for (const [how, dhparam] of [
    ['a file', () => fileOf(parameters())],
    ['their text', parameters],
    ['their bytes', () => Buffer.from(parameters())],
    ['auto', () => 'auto'],
  ] as const) {
    it(`accepts Diffie-Hellman parameters by ${how}`, async () => {
      const ear = await listen({ ...serving, ...ephemeral, dhparam: dhparam() });
      const socket = await dial(ear, { ...trusting, ...ephemeral });
      expect(socket.getEphemeralKeyInfo()).toEqual(jasmine.objectContaining({ type: 'DH', size: 2048 }));
    });
  }

  it('has no Diffie-Hellman ciphers without parameters', async () => {
    const ear = await listen({ ...serving, ...ephemeral });
    await expectAsync(dial(ear, { ...trusting, ...ephemeral })).toBeRejected();
    await ear.error();
  });

  it('trusts the certificates of one file or of several', async () => {
    const ear = await listen();
    for (const trustedConnections of [files.ca, [files.stranger.cert, files.ca]]) {
      expect((await dial(ear, { trustedConnections })).authorized).toBeTrue();
    }
    const stranger = await failure(dial(ear, { trustedConnections: files.stranger.cert }));
    expect(stranger as { code: string }).toEqual(
      jasmine.objectContaining({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
    );
  });

  it('refuses a server whose certificate has expired or is for another host', async () => {
    const faults = [
      [files.expired, 'CERT_HAS_EXPIRED'],
      [files.wrongHost, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const;
    for (const [{ key, cert }, code] of faults) {
      const ear = await listen({ private: key, public: cert });
      const error = await failure(dial(ear));
      expect(error as { code: string }).toEqual(jasmine.objectContaining({ code }));
    }
  });

  it('admits only clients with a trusted certificate if it requires certificates', async () => {
    const ear = await listen({ ...serving, ...trusting, requestCert: true, rejectUnauthorized: true });
    await dial(ear, { ...trusting, private: files.client.key, public: files.client.cert });
    expect(((await ear.socket()) as TLSSocket).authorized).toBeTrue();
    const strangers: [TlsConfig, string][] = [
      [trusting, 'did not return a certificate'],
      [
        { ...trusting, private: files.stranger.key, public: files.stranger.cert },
        'its certificate is refused (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
      ],
    ];
    for (const [index, [config, why]] of strangers.entries()) {
      const socket = await dial(ear, config);
      const ended = once(socket.on('error', () => {}).resume(), 'close');
      expect(await ear.error(index + 1)).toEqual(ipcError('ERR_IPC_HANDSHAKE', why));
      await ended;
    }
    expect(ear.sockets.length).toBe(1);
  });

  it('explains a connection that was closed before the server sent anything, unless the client was admitted', async () => {
    const ear = await listen({ ...serving, ...trusting, requestCert: true, rejectUnauthorized: true });
    const address = at(ear.listener.port);
    const stranger = await dial(ear, {
      ...trusting,
      private: files.stranger.key,
      public: files.stranger.cert,
    });
    await once(stranger.on('error', () => {}).resume(), 'close');
    const refused = ipcError(
      'ERR_IPC_HANDSHAKE',
      `localhost:${address.port} ended the connection right after the TLS handshake`,
    );
    expect(tls.refusal?.(stranger, address)).toEqual(refused);
    const known = await dial(ear, { ...trusting, private: files.client.key, public: files.client.cert });
    const welcomed = once(known, 'data');
    (await ear.socket()).write('welcome');
    await welcomed;
    const ended = once(known, 'close');
    ear.sockets[0]?.end();
    await ended;
    expect(tls.refusal?.(known, address)).toBeUndefined();
  });

  it('has keep-alive probes at both ends after a minute of silence', async () => {
    if (process.platform !== 'linux') return pending('only Linux shows its timers');
    const ear = await listen();
    await dial(ear);
    await ear.socket();
    for (const seconds of await probesOf(ear.listener.port as number)) {
      expect(seconds).toBeGreaterThan(10);
      expect(seconds).toBeLessThan(62);
    }
  });

  it('reports that a port is in use', async () => {
    const { listener } = await listen();
    const error = await failure(Ear.open(tls, at(listener.port), { tls: serving }));
    expect(error).toEqual(ipcError('ERR_IPC_IN_USE', `localhost:${listener.port}`));
  });

  it('reports a client that does not speak TLS, and serves the others', async () => {
    const ear = await listen();
    const one = await dial(ear);
    await ear.socket();
    (await bare(ear)).write('GET / HTTP/1.1\r\n\r\n');
    expect(await ear.error()).toEqual(
      ipcError(
        'ERR_IPC_HANDSHAKE',
        /^The TLS handshake with 127\.0\.0\.1 failed: it does not speak TLS \(http request\); set config\.tls/,
      ),
    );
    await dial(ear);
    await ear.socket(2);
    const echoed = once(one, 'data');
    ear.sockets[0]?.write('still here');
    expect(String((await echoed)[0])).toBe('still here');
  });

  it('reports a client that leaves during the handshake', async () => {
    const ear = await listen();
    const socket = await bare(ear);
    socket.write(Buffer.from([0x16, 0x03, 0x01]));
    socket.destroy();
    expect(await ear.error()).toEqual(ipcError('ERR_IPC_HANDSHAKE'));
  });

  it('disconnects a silent client after handshakeTimeout', async () => {
    const ear = await listen(serving, { handshakeTimeout: 20 });
    const socket = await bare(ear);
    const ended = once(socket, 'close');
    expect(await ear.error()).toEqual(ipcError('ERR_IPC_HANDSHAKE', 'timeout'));
    await ended;
  });

  it('uses the handshakeTimeout of config.tls if that has one', async () => {
    const ear = await listen({ ...serving, handshakeTimeout: 20 }, { handshakeTimeout: 0 });
    await bare(ear);
    expect(await ear.error()).toEqual(ipcError('ERR_IPC_HANDSHAKE', 'timeout'));
  });

  it('closes although a client never completes its handshake, and drops that client', async () => {
    const ear = await listen(serving, { handshakeTimeout: 0 });
    const accepted = once(ear.listener.server, 'connection');
    const socket = await bare(ear);
    await accepted;
    const gone = once(ear.listener.server, 'close');
    await ear.listener.close();
    expect(socket.destroyed).toBeFalse();
    const ended = once(socket, 'close');
    ear.listener.abandon?.();
    await Promise.all([gone, ended]);
    expect(ear.errors).toEqual([]);
  });

  it('keeps no state of closed connections', async () => {
    const ear = await listen();
    const carriers: Socket[] = [];
    ear.listener.server.on('connection', (carrier: Socket) => carriers.push(carrier));
    const connections = await Promise.all([dial(ear), dial(ear), dial(ear)]);
    await ear.socket(3);
    const closed = carriers.map((carrier) => once(carrier, 'close'));
    connections[0]?.destroy();
    connections[1]?.end();
    ear.sockets[1]?.end();
    ear.sockets[2]?.destroy();
    for (const socket of ear.sockets) socket.resume();
    for (const socket of connections) socket.resume();
    await Promise.all(closed);
    expect(carriers.length).toBe(3);
  });

  it('reports later errors of its socket', async () => {
    const ear = await listen();
    const fault = new Error('later');
    ear.listener.server.emit('error', fault);
    expect(await ear.error()).toBe(fault);
  });

  it('tells a client that the server does not speak TLS', async () => {
    const plain = createServer((socket) => {
      socket.on('error', () => {}).on('data', () => socket.write('{"type":"hello"}\f'));
    });
    plain.listen(0, '127.0.0.1');
    afterwards(() => plain.close());
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    const client = freshIPC({ tls: trusting }).connectToNet('world', '127.0.0.1', port);
    const [error] = await once(client, 'error');
    expect(error).toEqual(
      ipcError(
        'ERR_IPC_HANDSHAKE',
        `The TLS handshake with 127.0.0.1:${port} failed: the server does not speak TLS (wrong version number); set config.tls`,
      ),
    );
  });

  it('tells a client whose server closes the connection at once what may be the reason', async () => {
    const plain = createServer((socket) => socket.on('error', () => {}).on('data', () => socket.destroy()));
    plain.listen(0, '127.0.0.1');
    afterwards(() => plain.close());
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    const client = freshIPC({ tls: trusting }).connectToNet('world', '127.0.0.1', port);
    const [error] = await once(client, 'error');
    const message = 'failed: the server ended the connection; check that it serves over TLS (config.tls)';
    expect(error).toEqual(ipcError('ERR_IPC_HANDSHAKE', message));
  });

  it('tells a client without TLS that its server may require it', async () => {
    const ear = await listen();
    const client = freshIPC().connectToNet('world', '127.0.0.1', ear.listener.port as number);
    client.emit('message', 'hello');
    const [error] = await once(client, 'error');
    expect(error).toEqual(
      ipcError(
        'ERR_IPC_HANDSHAKE',
        'sent nothing; if it serves over TLS, set config.tls for this client too',
      ),
    );
    expect(await ear.error()).toEqual(ipcError('ERR_IPC_HANDSHAKE', 'it does not speak TLS'));
  });

  it('refuses a file name in place of its content', async () => {
    const ear = await listen();
    for (const [key, file] of [
      ['ca', 'trustedConnections'],
      ['cert', 'public'],
      ['key', 'private'],
    ]) {
      const wrong = { [key as string]: './cert.pem' };
      const refused = ipcError(
        'ERR_IPC_CONFIG',
        `config.tls.${key} is './cert.pem', which is not PEM text; config.tls.${key} takes the content, as in node:tls. ` +
          `Give a file's name as config.tls.${file}.`,
      );
      expect(await failure(listen({ ...serving, ...wrong }))).toEqual(refused);
      expect(await failure(dial(ear, wrong))).toEqual(refused);
      expect(await failure(dial(ear, { [key as string]: ['./cert.pem'] }))).toEqual(refused);
    }
  });

  it('refuses trusted certificates that a server does not request, unless told otherwise', async () => {
    const trusted = { ...serving, trustedConnections: files.ca };
    const refused = ipcError('ERR_IPC_CONFIG', 'set config.tls.requestCert to true');
    expect(await failure(listen(trusted))).toEqual(refused);
    for (const requestCert of [true, false]) {
      expect((await listen({ ...trusted, requestCert })).listener.port).toBeGreaterThan(0);
    }
  });

  it('lets the system join small packets if the interfaces say so', async () => {
    const ear = await listen();
    const seen: (boolean | undefined)[] = [];
    spyOn(Socket.prototype, 'setNoDelay').and.callFake(function (this: Socket, on?: boolean) {
      seen.push(on);
      return this;
    });
    await dialled(tls, at(ear.listener.port), { tls: trusting, interfaces: { noDelay: false } });
    expect(seen).toContain(false);
    expect(seen).not.toContain(true);
  });

  it('sets keep-alive only on connected sockets', async () => {
    const ear = await listen();
    const settings: unknown[][] = [];
    spyOn(Socket.prototype, 'setKeepAlive').and.callFake(function (this: Socket, ...args: unknown[]) {
      settings.push([this.connecting, ...args]);
      return this;
    });
    await dialled(tls, at(ear.listener.port), { tls: trusting, interfaces: { keepAliveInitialDelay: 7000 } });
    expect(settings).toContain([false, true, 7000]);
    expect(settings.filter(([connecting]) => connecting)).toEqual([]);
  });

  it('tells a client what to check', () => {
    const cause = new Error('self-signed certificate');
    const error = handshakeFailure(cause, at(8000));
    expect(error).toEqual(
      ipcError(
        'ERR_IPC_HANDSHAKE',
        'The TLS handshake with localhost:8000 failed: self-signed certificate; check',
      ),
    );
    expect(error.message).toContain('config.tls.trustedConnections');
    expect(error.cause).toBe(cause);
  });
});

describe('A TLS client without settings', () => {
  it('trusts no server that only its own authority has certified', async () => {
    const ear = await listen();
    const error = (await failure(dial(ear, false))) as Error & { code: string };
    expect(error.code).toMatch(/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/);
    expect((await dial(ear)).authorized).toBeTrue();
  });
});
