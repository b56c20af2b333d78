import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');

// Continues where it was if the connection is lost.
for await (const line of world.stream('tail', 'log', { resume: true })) {
  console.log('|', line);
  if (line === 'line 5') break; // the server's generator ends
  if (line !== 'line 1') await world.request('append');
}

await world.close();
