import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');
console.log(await world.request('greet', { name: 'Alice', age: 42 }));
try {
  await world.request('greet', { name: 'Bob', age: 'old' });
} catch (error) {
  console.log(error.code, '|', error.message);
  for (const { path, message } of error.issues) console.log(`${path}: ${message}`);
}
await world.close();
