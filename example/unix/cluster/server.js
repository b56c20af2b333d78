import cluster from 'node:cluster';
import { rmSync } from 'node:fs';
import ipc from 'omni-ipc';

const path = `${ipc.config.socketRoot}app.world`;
ipc.config.silent = true;
ipc.config.unlink = false; // the socket belongs to all workers, so none of them may take it away

if (cluster.isPrimary) {
  rmSync(path, { force: true }); // what an earlier run has left
  for (let i = 0; i < 2; i++) cluster.fork();
  let handled = 0;
  cluster.on('message', () => {
    handled++;
    if (handled === 4) cluster.disconnect();
  });
} else {
  ipc.serve(path, () => {
    console.log(`worker ${cluster.worker.id} listens on ${path}`);
    ipc.server.on('currentDate', (data) => {
      console.log(`worker ${cluster.worker.id} got`, data.message);
      process.send('handled');
    });
  });
  ipc.server.start();
}
