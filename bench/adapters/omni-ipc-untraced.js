import { nodeIpc } from './families/node-ipc.js';

/** omni-ipc in a program that could be traced by OpenTelemetry, while that is turned off. */
export const adapter = nodeIpc({
  name: 'omni-ipc, tracing off',
  load: async () => {
    const { uninstrument } = await import('../../dist/opentelemetry.mjs');
    uninstrument();
    return new (await import('../../dist/ipc.mjs')).IPC();
  },
});
