/**
 * The server that attacks and faults use, in a separate process: `target.js '{"path": ..., "settings": {...}}'`.
 * It prints its address, and each number that it receives, to stdout at once, so that the record survives the process.
 */
import { writeSync } from 'node:fs';
import { IPC } from '../../../services/ipc/index.js';
import { mebibytes, memory } from '../memory.js';
import type { TargetOptions } from '../target.js';

const { path, port, settings, secret, tells, logs }: TargetOptions = JSON.parse(process.argv[2] as string);
const ipc = new IPC();
Object.assign(ipc.config, { silent: true }, settings);
let logged = 0;
if (logs) {
  ipc.config.silent = false;
  ipc.config.logger = (line) => {
    logged += line.length + 1;
  };
}
if (secret !== undefined) ipc.config.authorize = (credentials) => credentials === secret;
const server = port === undefined ? ipc.serve(path) : ipc.serveNet(path, port);

const errors: Record<string, number> = {};
/** The numbers for which the handler of `double` has run. */
const ran = new Uint8Array(4_000_000);
let ranOnce = 0;
let ranTwice = 0;
/** The latest marks. */
const marks = new Set<number>();
let lastMark = -1;
let strayMarks = 0;
let injected = 0;

server.on('error', ({ code }) => {
  errors[code] = (errors[code] ?? 0) + 1;
});
server.on('number', (number: number, socket) => {
  if (tells) writeSync(1, `heard ${number}\n`);
  server.emit(socket, 'number', number);
});
server.on('echo', (data, socket) => server.emit(socket, 'echo', data));
server.on('injected', () => {
  injected++;
  if (port !== undefined) writeSync(1, 'injected\n');
});
server.on('*', (type: string) => {
  // Like a catch-all listener of a user: a name that is not a string ends the process.
  type.startsWith('x');
});
server.handle('double', async (number: number) => {
  if (ran[number]) ranTwice++;
  else ranOnce++;
  ran[number] = 1;
  if (number % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  return number * 2;
});
server.handle('triple', (number: number) => number * 3);
server.on('mark', (number: number) => {
  if (number <= lastMark) strayMarks++;
  lastMark = number;
  marks.add(number);
  if (marks.size > 1000) marks.delete(marks.values().next().value as number);
});
server.handle('unheard', (numbers: number[]) => ({
  unheard: numbers.filter((number) => !marks.has(number)),
  stray: strayMarks,
}));
server.handle('size', (text: string) => text.length);
server.handle('numbers', async function* () {
  for (let n = 0; ; n++) yield n;
});
server.handle('swallow', async (_data, _socket, { body }) => {
  await body.next();
  await new Promise((resolve) => setTimeout(resolve, 500));
});
server.handle('gift', (size: number) => 'g'.repeat(size));
server.handle('ask', (number: number, socket) => server.request(socket, 'answer', number));
server.handle('broadcast', ({ size, count }: { size: number; count: number }) => {
  const text = 'b'.repeat(size);
  for (let i = 0; i < count; i++) server.broadcast('news', text);
});
server.handle('report', async () => ({
  ...(await memory()),
  connections: server.sockets.length,
  errors,
  injected,
  polluted: 'polluted' in {},
  ranOnce,
  ranTwice,
  peak: mebibytes(process.resourceUsage().maxRSS * 1024),
  processor: processorTime(),
  logged,
}));
server.handle('processor', () => {
  return { milliseconds: processorTime(), time: performance.now(), connections: server.sockets.length };
});
process.once('SIGTERM', () => server.stop({ timeout: 100 }));

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

await server.start();
writeSync(1, `ready ${server.port ?? ''}\n`);
