import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');
const abort = new AbortController();

const tokens = [];
try {
  for await (const token of world.stream('complete', 'Well,', { signal: abort.signal, highWaterMark: 4 })) {
    tokens.push(token);
    if (tokens.length === 5) abort.abort('enough'); // as when a user presses Stop
  }
} catch (error) {
  console.log(tokens.join(' '));
  console.log(error.code, error.cause);
}

await world.close();
