import { guardCallbacks } from '../../../lib/transports/tls-callbacks.js';
import { afterwards } from '../../support/afterwards.js';
import { freshCertificates } from '../../support/certificates.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { freshIPC, tls } from '../../support/instances.js';
import { pretendNode } from '../../support/node-version.js';

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

  it('throws where Node catches that, and otherwise refuses by its answer', () => {
    const boom = new Error('boom');
    const throws = () => {
      throw boom;
    };
    const guarded = guardCallbacks({ pskCallback: throws, ALPNCallback: throws } as Loose) as Loose;
    for (const version of ['20.20.0', '22.22.0', '24.13.0', '25.3.0', '25.10.1', '26.0.0', '27.1.0']) {
      pretendNode(version);
      expect(guarded.pskCallback).withContext(version).toThrow(boom);
      expect(guarded.ALPNCallback).withContext(version).toThrow(boom);
    }
    for (const version of ['20.19.9', '21.99.0', '22.21.1', '23.11.1', '24.12.0', '25.2.1']) {
      pretendNode(version);
      expect([guarded.pskCallback(), guarded.ALPNCallback()]).withContext(version).toEqual([null, undefined]);
    }
  });

  it('passes on every other option, and the answers of its callbacks', () => {
    const answer = { psk: 1 };
    const given = {
      pskCallback: () => answer,
      host: 'h',
      SNICallback: undefined,
      ALPNCallback: null,
    } as Loose;
    const guarded = guardCallbacks(given) as Loose;
    expect(guarded).toEqual({ ...given, pskCallback: jasmine.any(Function) });
    expect(guarded.pskCallback()).toBe(answer);
    const fault = new Error('no');
    for (const answer of [undefined, null, fault]) {
      const { checkServerIdentity } = guardCallbacks({ checkServerIdentity: () => answer } as Loose) as Loose;
      expect(checkServerIdentity()).toBe(answer);
    }
  });
});
