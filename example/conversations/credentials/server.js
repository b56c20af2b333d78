import { createHash, timingSafeEqual } from 'node:crypto';
import ipc from 'omni-ipc';

const digest = (text) => createHash('sha256').update(String(text)).digest();
const password = digest('swordfish');

ipc.config.id = 'world';
ipc.config.silent = true;
// Asked before anything else of a client is heard. Equally long digests, compared in constant time: how long it takes
// tells nothing about the password.
ipc.config.authorize = (credentials) =>
  timingSafeEqual(digest(credentials?.password), password) || 'wrong password';

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

let gone = 0;
const leave = () => {
  gone++;
  if (gone === 2) server.stop();
};
server.on('message', (text) => console.log('got', text));
server.on('error', (error) => {
  console.log(error.message);
  leave();
});
server.on('disconnect', leave);
server.start();
