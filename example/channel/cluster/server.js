// The workers of a cluster talk to each other, and the primary has no part in it.
import cluster from 'node:cluster';
import channel from 'omni-ipc/channel';

const WORKERS = 3;

if (cluster.isPrimary) {
  for (let i = 0; i < WORKERS; i++) cluster.fork();
} else {
  let heard = 0;
  channel.on('hello', (sender, text) => {
    console.log(`peer ${channel.pid} hears peer ${sender}: ${text}`);
    if (++heard === WORKERS) channel.disconnect();
  });
  const greet = () => {
    if (channel.peers.length === WORKERS) channel.to('all').emit('hello', 'hello to all');
  };
  channel.on('connect', greet).on('join', greet);
  channel.on('disconnect', () => cluster.worker.disconnect());
}
