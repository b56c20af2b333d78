import type { StreamAddress } from '../../../entities/address.js';
import { tcp } from '../../../lib/transports/tcp.js';
import { tls } from '../../../lib/transports/tls.js';
import type { StreamListener, StreamTransport } from '../../../lib/transports/transport.js';
import { unix } from '../../../lib/transports/unix.js';
import { freshCertificates } from '../../support/certificates.js';
import { failure, once } from '../../support/events.js';
import type { Settings } from '../../support/instances.js';
import { freshPath } from '../../support/places.js';
import { dial, dialled, Ear } from '../../support/transports.js';

/** One transport: where to listen, with which settings, and where that is to be dialled. */
interface Kind {
  name: string;
  transport: StreamTransport<StreamAddress>;
  settings(): Settings;
  address(): StreamAddress;
  target(address: StreamAddress, listener: StreamListener): StreamAddress;
}

const onPort = (address: StreamAddress, { port }: StreamListener) => ({ ...address, port }) as StreamAddress;

const kinds: Kind[] = [
  {
    name: 'The local transport',
    transport: unix as StreamTransport<StreamAddress>,
    settings: () => ({}),
    address: () => ({ transport: 'unix', path: freshPath() }),
    target: (address) => address,
  },
  {
    name: 'The TCP transport',
    transport: tcp as StreamTransport<StreamAddress>,
    settings: () => ({}),
    address: () => ({ transport: 'tcp', host: 'localhost', port: 0 }),
    target: onPort,
  },
  {
    name: 'The TLS transport',
    transport: tls as StreamTransport<StreamAddress>,
    settings() {
      const { ca, server } = freshCertificates();
      return {
        tls: { private: server.key, public: server.cert, trustedConnections: ca, requestCert: false },
      };
    },
    address: () => ({ transport: 'tls', host: 'localhost', port: 0 }),
    target: onPort,
  },
];

for (const { name, transport, settings, address, target } of kinds) {
  describe(name, () => {
    let options: Settings;
    let ear: Ear;
    let where: StreamAddress;

    beforeEach(async () => {
      options = settings();
      const asked = address();
      ear = await Ear.open(transport, asked, options);
      where = target(asked, ear.listener);
    });

    it('carries bytes both ways unchanged', async () => {
      const near = await dialled(transport, where, options);
      const far = await ear.socket();
      const bytes = Buffer.from([0, 1, 0xff, 0x0c, 0x80]);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        const arrived = once<[Buffer]>(to, 'data');
        from.write(bytes);
        expect((await arrived)[0]).toEqual(bytes);
      }
    });

    it('returns a connecting socket, and reports when it can be used', async () => {
      const socket = dial(transport, where, options);
      expect(socket.connecting).toBeTrue();
      await once(socket, transport.ready);
      expect(socket.readyState).toBe('open');
    });

    it('keeps its connections when it stops listening, and accepts no further ones', async () => {
      const near = await dialled(transport, where, options);
      const far = await ear.socket();
      await ear.listener.close();
      expect(ear.listener.server.listening).toBeFalse();
      const arrived = once(near, 'data');
      far.write('still here');
      expect(String((await arrived)[0])).toBe('still here');
      const refused = await failure(dialled(transport, where, options));
      expect(refused as { code: string }).toEqual(
        jasmine.objectContaining({ code: jasmine.stringMatching(/^(ENOENT|ECONNREFUSED)$/) }),
      );
    });

    it('reports disconnects', async () => {
      const near = await dialled(transport, where, options);
      const far = await ear.socket();
      const left = once(far.resume(), 'close');
      near.end();
      near.resume();
      await left;
      expect(ear.errors).toEqual([]);
    });
  });
}
