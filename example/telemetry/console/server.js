import './telemetry.js';
import { trace } from '@opentelemetry/api';
import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.handle('add', ([a, b]) => {
  // What a handler does belongs to the trace of whoever asked.
  trace.getActiveSpan()?.addEvent('adding');
  return a + b;
});
server.on('goodbye', () => server.stop());
server.start();
