// The workers of a cluster act as one server: what one of them broadcasts, the clients of all of them hear.
import cluster from 'node:cluster';
import { rmSync } from 'node:fs';
import ipc from 'omni-ipc';

const WORKERS = 2;
const CLIENTS = 4;
const path = `${ipc.config.socketRoot}app.world`;
Object.assign(ipc.config, { id: 'world', silent: true, backplane: true });

if (cluster.isPrimary) {
  rmSync(path, { force: true }); // what an earlier run has left
  let ready = 0;
  let left = 0;
  const all = () => Object.values(cluster.workers);
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  cluster.on('message', (_worker, message) => {
    if (message === 'ready' && ++ready === WORKERS) console.log(`world listens on ${path}`);
    if (message === 'left' && ++left === CLIENTS) for (const worker of all()) worker.send('stop');
  });
} else {
  const server = ipc.serve(path);
  server.on('disconnect', () => process.send('left'));
  server.on('hello', async () => {
    const clients = await server.clients();
    console.log(
      `worker ${cluster.worker.id} knows ${clients.length} clients of ${1 + server.servers.length} workers`,
    );
    if (clients.length === CLIENTS) server.broadcast('news', 'all are here');
  });
  process.once('message', async () => {
    await server.stop();
    cluster.worker.disconnect();
  });
  await server.start();
  process.send('ready');
}
