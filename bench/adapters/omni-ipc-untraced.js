import { nodeIpc } from './families/node-ipc.js';

/** omni-ipc in a program with OpenTelemetry loaded and turned off. */
export const adapter = nodeIpc({
  name: 'omni-ipc, tracing off',
  load: async () => {
    const { uninstrument } = await import('../../dist/opentelemetry.mjs');
    uninstrument();
    return new (await import('../../dist/ipc.mjs')).IPC();
  },
});
