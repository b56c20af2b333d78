/** A program as it is written against the declarations that node-ipc 9 has; only the import is another. */
import type { Socket } from 'node:net';
import ipc from 'omni-ipc';

interface Message {
  id: string;
  message: string;
}

ipc.config.appspace = 'specs.';
ipc.config.socketRoot = '/tmp/';
ipc.config.id = 'hello';
ipc.config.networkHost = 'localhost';
ipc.config.networkPort = 8000;
ipc.config.readableAll = true;
ipc.config.writableAll = true;
ipc.config.encoding = 'hex';
ipc.config.rawBuffer = false;
ipc.config.sync = false;
ipc.config.silent = true;
ipc.config.logInColor = false;
ipc.config.logDepth = 3;
ipc.config.logger = (message) => console.log(message.length);
ipc.config.logger = console.log.bind(console);
ipc.config.maxConnections = 10;
ipc.config.retry = 1500;
ipc.config.maxRetries = false;
ipc.config.maxRetries = 10;
ipc.config.stopRetrying = true;
ipc.config.unlink = false;
ipc.config.interfaces = {
  localAddress: false,
  localPort: false,
  family: false,
  hints: false,
  lookup: false,
};
ipc.config.interfaces.localAddress = false;
ipc.config.tls = { rejectUnauthorized: false, public: 'server.pub', private: 'server.key' };

ipc.connectTo('world');
ipc.connectTo('world', '/tmp/app.world');
ipc.connectTo('world', '/tmp/app.world', () => {});
ipc.connectTo('world', () => {
  const world = ipc.of.world;
  if (!world) return;
  world.on('connect', () => {
    ipc.log('## connected to world ##', ipc.config.id, world);
    world.emit('message', 'hello');
    world.emit('nothing');
  });
  world
    .on('disconnect', () => ipc.log('disconnected'))
    .on('destroy', () => ipc.log('destroyed'))
    .on('socket.disconnected', (socket, destroyedSocketID) => ipc.log(socket, destroyedSocketID))
    .on('error', (err: Error) => ipc.log(err.message))
    .on('error', (err: NodeJS.ErrnoException) => ipc.log(err.code));
  world.on('message', (data: Message) => ipc.log(data.message));
  world.on('message', (data: string) => ipc.log(data));
  world.on('data', (buffer: Buffer) => ipc.log(buffer.toString('hex')));
  const handler = (data: Message) => ipc.log(data.id);
  world.on('other', handler);
  world.off('other', handler);
  world.off('other', '*');
  world.off('*', '*');
});

const events: string[] = ['one', 'two'];
for (const event of events) ipc.of.world?.on(event, (...args: unknown[]) => ipc.log(event, ...args));

ipc.connectToNet('world');
ipc.connectToNet('world', () => {});
ipc.connectToNet('world', 'localhost');
ipc.connectToNet('world', 8000);
ipc.connectToNet('world', 8000, () => {});
ipc.connectToNet('world', 'localhost', () => {});
ipc.connectToNet('world', 'localhost', 8000);
ipc.connectToNet('world', 'localhost', 8000, () => {});
ipc.disconnect('world');

ipc.serve();
ipc.serve(null);
ipc.serve('/tmp/app.world');
ipc.serve('/tmp/app.world', () => {});
ipc.serve(() => {
  ipc.server.on('message', (data: Message, socket: Socket) => {
    ipc.server.emit(socket, 'message', { id: ipc.config.id, message: `${data.message} world!` });
    ipc.server.emit(socket, 'nothing');
  });
  ipc.server.on('raw', (_data: unknown, socket: Socket) => ipc.server.emit(socket, [0x05, 0x6d]));
  ipc.server.on('data', (data: Buffer, socket: Socket) => ipc.server.emit(socket, data));
  ipc.server.on('socket.disconnected', (socket: Socket, destroyedSocketID: string) => {
    ipc.log(`client ${destroyedSocketID} has disconnected!`, socket.destroyed);
  });
  ipc.server.on('connect', (socket: Socket) => ipc.server.emit(socket, 'welcome', {}));
  ipc.server.on('error', (err: Error) => ipc.log(err));
  ipc.server.broadcast('announcement', { to: 'all' });
});
ipc.server.on('start', () => {});
ipc.server.start();
ipc.server.stop();

ipc.serveNet();
ipc.serveNet(() => {});
ipc.serveNet(3435);
ipc.serveNet('localhost', 3435, () => {});
ipc.serveNet('localhost', 3435, 'udp4');
ipc.serveNet('localhost', 3435, 'udp4', () => {});
ipc.serveNet('udp6', () => {
  ipc.server.on('message', (data: Message, socket: Socket) => ipc.server.emit(socket, 'message', data));
  ipc.server.emit({ address: '127.0.0.1', port: ipc.config.networkPort }, 'message', { id: 'me' });
});

const independent = new ipc.IPC();
independent.config.rawBuffer = true;
independent.connectTo('world', () => independent.of.world?.emit('raw'));
const kept: InstanceType<typeof ipc.IPC> = independent;

export { kept };
