import { afterwards } from '../../support/afterwards.js';
import { freshCertificates } from '../../support/certificates.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { freshIPC, tls } from '../../support/instances.js';

// biome-ignore lint/suspicious/noExplicitAny: callbacks that answer what they may not
type Loose = any;

/** What a callback does in place of its work. */
const FAULTS: Record<string, () => Loose> = {
  'throws an error': () => {
    throw new Error('boom');
  },
  'throws null': () => {
    throw null;
  },
  'throws what cannot be text': () => {
    throw {
      toString() {
        throw new Error('no');
      },
    };
  },
  'is rejected': async () => {
    throw new Error('boom');
  },
  'returns a promise': async () => undefined,
};

describe('A TLS callback that fails', () => {
  /** A server and a client of it that may fail, with these settings. Neither gives up a handshake that does not fail by itself. */
  async function meet(serving: object, dialing: object) {
    const { server: own, ca } = freshCertificates();
    const certified = 'ciphers' in serving ? {} : { private: own.key, public: own.cert };
    const trusting = 'ciphers' in dialing ? {} : { trustedConnections: ca };
    const server = await freshIPC({ handshakeTimeout: 0, tls: { ...certified, ...serving } } as Loose)
      .serveNet('127.0.0.1', 0)
      .start();
    const settings = {
      maxRetries: 0,
      handshakeTimeout: 0,
      tls: { ...trusting, servername: 'localhost', ...dialing },
    } as Loose;
    const client = freshIPC(settings).connectToNet('world', '127.0.0.1', server.port);
    afterwards(() => client.destroy());
    return { server, client };
  }

  /** Does something, and gives what escaped. */
  async function escaped(act: () => Promise<void>): Promise<unknown[]> {
    const errors: unknown[] = [];
    await jasmine.spyOnGlobalErrorsAsync(async (spy) => {
      await act();
      await new Promise(setImmediate);
      errors.push(...spy.calls.allArgs());
    });
    return errors;
  }

  const psk = { psk: Buffer.from('aa', 'hex'), identity: 'me' };
  const shared = { ciphers: 'PSK', checkServerIdentity: () => undefined };

  for (const [what, fault] of Object.entries(FAULTS)) {
    it(`fails only its handshake, at once: ${what}`, async () => {
      const refused = ipcError('ERR_IPC_HANDSHAKE', 'The TLS handshake with');
      const pairs: Record<string, () => ReturnType<typeof meet>> = {
        checkServerIdentity: () => meet({}, { checkServerIdentity: fault }),
        pskCallback: () => meet({ ...shared, pskCallback: fault }, { ...shared, pskCallback: () => psk }),
        'pskCallback of a client': () =>
          meet({ ...shared, pskCallback: () => psk.psk }, { ...shared, pskCallback: fault }),
        ALPNCallback: () => meet({ ALPNCallback: fault }, { ALPNProtocols: ['a'] }),
      };
      if (what !== 'returns a promise') pairs.SNICallback = () => meet({ SNICallback: fault }, {});
      for (const [name, open] of Object.entries(pairs)) {
        const errors = await escaped(async () => {
          const { client } = await open();
          expect(await failure(client.ready()))
            .withContext(name)
            .toEqual(refused);
        });
        expect(errors).withContext(name).toEqual([]);
      }
    });
  }

  it('reports what a check of the identity returned or threw', async () => {
    const { client } = await meet({}, { checkServerIdentity: () => 'another host' });
    const says =
      'config.tls.checkServerIdentity returned another host, which is neither an Error nor undefined';
    expect(await failure(client.ready())).toEqual(ipcError('ERR_IPC_HANDSHAKE', says));
  });

  it('does not change working callbacks, their arguments and their this', async () => {
    const seen: unknown[] = [];
    const { server, client } = await meet(
      { SNICallback: (name: string, done: (error: null) => void) => [seen.push(name), done(null)] },
      { checkServerIdentity: (host: string) => void seen.push(host) },
    );
    const connected = once(server, 'connect');
    await client.ready();
    await connected;
    expect(seen).toEqual(['localhost', 'localhost']);
    expect((await tls.connect(await tls.serve()).ready()).connected).toBeTrue();
  });
});
