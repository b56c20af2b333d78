import ipc from 'omni-ipc';

const [name = 'hello'] = process.argv.slice(2);
ipc.config.silent = true;

const world = ipc.connectTo('world');
const print = (text, topic) => console.log(`${topic}: ${text}`);

// `*` is any one word, `>` at the end all that follow.
await world.subscribe(name === 'hello' ? 'weather.*' : ['weather.oslo.>', 'weather.paris'], print);
await world.subscribe('weather.oslo.tomorrow', async () => {
  world.publish(`news.${name}`, 'seen it all');
  await world.close();
});
await world.request('here');
