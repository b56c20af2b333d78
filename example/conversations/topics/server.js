import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

// The server hears what clients publish, as every subscriber does.
await server.subscribe('news.>', (text, topic) => console.log(`${topic}: ${text}`));

let here = 0;
server.handle('here', () => {
  here++;
  if (here < 2) return;
  server.publish('weather.paris', 'rain');
  server.publish('weather.oslo', 'snow');
  server.publish('weather.oslo.tomorrow', 'more snow');
});
server.on('socket.disconnected', () => {
  if (server.sockets.length === 0) server.stop();
});
server.start();
