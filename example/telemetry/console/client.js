import './telemetry.js';
import { trace } from '@opentelemetry/api';
import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');

await trace.getTracer('example').startActiveSpan('shopping', async (span) => {
  console.log('2 + 40 =', await world.request('add', [2, 40]));
  world.emit('goodbye');
  span.end();
});
ipc.disconnect('world');
