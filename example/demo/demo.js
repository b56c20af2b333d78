/**
 * `npm start`: a server and a client, each in a process of its own, talk over every kind of socket. What they say is shown
 * as it arrived at the other one.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { SOCKETS } from './sockets.js';

const PATIENCE = 30_000;
const windows = process.platform === 'win32';
const colourful = process.stdout.isTTY && !process.env.NO_COLOR;
const style = (name, text) => (colourful ? styleText(name, text) : text);

const directory = mkdtempSync(join(windows ? tmpdir() : '/tmp', 'demo-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
/** On Windows a pipe's name is made of it, and knows no drives. */
const root = windows ? `/${basename(directory)}/` : `${directory}/`;

const server = start('server.js');
const client = start('client.js');
const timer = setTimeout(() => fail(`The demonstration did not end within ${PATIENCE / 1000} s.`), PATIENCE);

console.log(
  `A server (process ${server.pid}) and a client (process ${client.pid}) talk over every kind of socket.\n`,
);
const count = { sockets: 0, messages: 0 };
for (const socket of SOCKETS) await show(socket);
server.disconnect(); // nothing keeps the two now,
client.disconnect(); // so they end by themselves
await Promise.all([server.ended, client.ended]);
clearTimeout(timer);
console.log(
  `${count.messages} messages over ${count.sockets} kinds of socket; both processes have ended by themselves.`,
);

/** Has the two talk over one kind of socket, and shows it when they are done. */
async function show(socket) {
  server.send({ socket, root });
  const { listening, failed } = await reply(server, ({ listening, failed }) => listening ?? failed);
  if (failed?.code === 'ERR_IPC_ADDRESS' && socket === 'udp6') {
    say(socket, style('yellow', 'skipped: this machine has no IPv6 loopback'));
    console.log();
    return;
  }
  if (failed) fail(failed.message);
  const { path, port } = listening;
  const lines = [];
  const keep = (from, to) => (message) => message.heard && lines.push({ ...message.heard, from, to });
  const keepers = [
    [server, keep('client', 'server')],
    [client, keep('server', 'client')],
  ];
  for (const [child, keeper] of keepers) child.on('message', keeper);
  const done = [server, client].map((child) => reply(child, (message) => message.done));
  client.send({ socket, root, port });
  await Promise.all(done);
  for (const [child, keeper] of keepers) child.off('message', keeper);

  count.sockets++;
  count.messages += lines.length;
  say(socket, style('dim', port ? `${path}, port ${port}` : path));
  for (const { from, type, data } of lines.sort((a, b) => a.at - b.at)) {
    const arrow =
      from === 'client' ? style('cyan', 'client -> server') : style('magenta', 'client <- server');
    say('', `${arrow}  ${type.padEnd(7)}  ${JSON.stringify(data)}`);
  }
  console.log();
}

function say(socket, text) {
  console.log(`${style('bold', socket.padEnd(6))}${text}`);
}

function start(file) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  child.ended = once(child, 'exit').then(([code]) => {
    if (code !== 0) fail(`${file} ended with ${code}.`);
  });
  return child;
}

/** The next message of a process that fits. */
function reply(child, fits) {
  return new Promise((resolve) => {
    const look = (message) => {
      if (!fits(message)) return;
      child.off('message', look);
      resolve(message);
    };
    child.on('message', look);
  });
}

function fail(message) {
  console.error(style('red', message));
  server.kill();
  client.kill();
  process.exit(1);
}
