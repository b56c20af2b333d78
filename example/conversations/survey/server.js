import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.on('connect', async () => {
  if (server.sockets.length < 2) return; // the other client is still to come
  for (const { status, value, reason } of await server.survey('name')) {
    console.log(status, status === 'fulfilled' ? value : reason.message);
  }
  const times = await server.ping();
  console.log(
    'both answered a ping within a second:',
    times.every(({ value }) => value < 1000),
  );
  await server.stop({ reconnect: false });
});
server.start();
