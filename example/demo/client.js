/** The client's process: talks to the server over one kind of socket after the other, as the demonstration asks it to. */
import { heard, makeIPC } from './sockets.js';

const GREETING = 'hëllo ☕';
const GOODBYE = 'that was all';

process.on('message', async ({ socket, root, port }) => {
  const ipc = await makeIPC(socket, root);
  if (socket === 'raw') await talkInBytes(ipc.connectTo('world'));
  else if (socket.startsWith('udp')) await talkInDatagrams(ipc.serveNet(0, socket), port);
  else await talk(socket === 'unix' ? ipc.connectTo('world') : ipc.connectToNet('world', port));
  process.send({ done: true });
});

async function talk(world) {
  world.emit('message', GREETING);
  heard('message', await next(world, 'message'));
  heard('add', await world.request('add', [2, 40]));
  await world.close(GOODBYE);
}

async function talkInBytes(world) {
  world.emit(Buffer.from('056d5cff', 'hex'));
  heard('bytes', (await next(world, 'data')).toString('hex'));
  await world.close();
}

async function talkInDatagrams(hello, port) {
  await hello.start();
  const world = { address: hello.path, port };
  hello.emit(world, 'message', GREETING);
  heard('message', await next(hello, 'message'));
  heard('add', await hello.request(world, 'add', [2, 40]));
  hello.emit(world, 'goodbye', GOODBYE);
  await hello.stop();
}

/** The data of the next event. */
function next(emitter, type) {
  return new Promise((resolve) => {
    emitter.once(type, resolve);
  });
}
