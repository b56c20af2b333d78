import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');

/** What is to be said, as it comes to mind. */
const lines = ['hello', 'is it raining?', 'it is'];
let heard = () => {};
async function* speak() {
  for (const line of lines) {
    await new Promise((resolve) => {
      heard = resolve;
    });
    yield line;
  }
}

for await (const line of world.stream('chat', 'Alice', { body: speak() })) {
  console.log('world says', line);
  heard();
}

await world.close();
