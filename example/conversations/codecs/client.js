import ipc from 'omni-ipc';

ipc.config.silent = true;
ipc.config.codec = 'msgpack'; // needs the package msgpackr,
ipc.config.compress = true; // and this one fast-zlib

const world = ipc.connectTo('world');
const answer = await world.request('what is it', {
  when: new Date(0),
  bytes: Buffer.from('bytes'),
  large: 2n ** 63n - 1n,
  map: new Map([['key', new Set([1, 2])]]),
});
console.log(answer);
console.log('the same text a hundred times:', await bytesFor('the same text '.repeat(100)), 'bytes');
await world.close();

async function bytesFor(text) {
  const before = world.stats().bytesOut;
  await world.request('what is it', { text });
  return world.stats().bytesOut - before;
}
