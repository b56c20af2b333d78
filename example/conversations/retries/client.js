import ipc from 'omni-ipc';

ipc.config.silent = true;
ipc.config.retry = 50;

const world = ipc.connectTo('world');
world.on('ipc:reconnect', () => console.log('connected again'));

// Sent again over the next connection; the server knows it for the same request, does not run its handler a second time,
// and sends the answer that it remembers.
const order = await world.request('order', 'tea', { retries: 3 });
console.log('our order has the number', order.number);

await world.close('done');
