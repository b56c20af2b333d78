/** Arguments that no method reads: whatever node-ipc runs with, this package runs with. */
import { createRequire } from 'node:module';
import { IPC } from '../../services/ipc/index.js';
import { once } from '../support/events.js';
import { freshPath } from '../support/places.js';
import { warningsOf } from '../support/warnings.js';

// biome-ignore lint/suspicious/noExplicitAny: programs without types, and three versions of a library
type Loose = any;

const require = createRequire(import.meta.url);
const ORIGINALS: Record<string, () => Promise<Loose>> = {
  'node-ipc 9': async () => require('node-ipc-9').IPC,
  'node-ipc 10': async () => (await import('node-ipc-10' as string)).default.IPC,
  'node-ipc 14': async () => (await import('node-ipc-14' as string)).default.IPC,
  'omni-ipc': async () => IPC,
};

const nothing = () => {};

/** Each is called with a server that listens, and an `ipc` for anything else. A process is warned of each value once, so other specs use other ones. */
const CALLS: ((ends: { server: Loose; ipc: Loose; Class: Loose }) => void)[] = [
  ({ Class }) => new Class({}),
  ({ Class }) => new Class({ id: 'interop' }),
  ({ Class }) => new Class(null),
  ({ ipc }) => ipc.disconnect({ id: 'world' }),
  ({ ipc }) => ipc.disconnect(ipc),
  ({ ipc }) => ipc.disconnect(),
  ({ ipc }) => ipc.connectTo(false),
  ({ ipc }) => ipc.serve(nothing, 'more'),
  ({ ipc }) => ipc.serve(freshPath(), nothing, 'more'),
  ({ ipc }) => ipc.serveNet('127.0.0.1', 8000, 'tcp'),
  ({ ipc }) => ipc.serveNet('127.0.0.1', 8000, 'TCP', nothing),
  ({ ipc }) => ipc.serveNet('127.0.0.1', 8000, 'interop'),
  ({ ipc }) => ipc.serveNet(8000, 'tcp'),
  ({ ipc }) => ipc.serveNet(8000, []),
  ({ ipc }) => ipc.serveNet(nothing, nothing),
  ({ ipc }) => ipc.serveNet('127.0.0.1', 8000, nothing, 'more'),
  ({ server }) => server.broadcast('type', 'data', server.sockets),
  ({ server }) => server.broadcast('type', 'data', { except: [] }),
  ({ server }) => server.broadcast('type', 'data', 'interop'),
  ({ server }) => server.once('type', nothing, 'more'),
  ({ server }) => server.stop('interop'),
];

describe('Arguments beyond those that a method reads', () => {
  for (const [library, load] of Object.entries(ORIGINALS)) {
    it(`are ignored by ${library}`, async () => {
      const Class = await load();
      const configured = () => {
        const ipc = new Class();
        Object.assign(ipc.config, { silent: true, networkHost: '127.0.0.1' });
        return ipc;
      };
      const host = configured();
      host.serve(freshPath());
      const started = once(host.server, 'start');
      host.server.start();
      await started;
      await warningsOf(() => {
        for (const call of CALLS) {
          expect(() => call({ server: host.server, ipc: configured(), Class }))
            .withContext(String(call))
            .not.toThrow();
        }
      });
    });
  }
});
