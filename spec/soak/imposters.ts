import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Client } from '../../lib/client.js';
import { platformPath } from '../../lib/transports/platform-path.js';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freshIPC, type Settings } from '../support/instances.js';
import { freshDirectory } from '../support/places.js';
import { type Figures, hold, within } from './promise.js';

const LIMITS = { maxMessageSize: 256 * 1024, messageTimeout: 200, handshakeTimeout: 300, retry: 1 };

const packet = (type: string, data: unknown, more: object = {}) =>
  `${JSON.stringify({ type, data, ...more })}\f`;
const deep = '['.repeat(100_000) + ']'.repeat(100_000);

/** The output of servers that do not speak our protocols. */
const SAYINGS: readonly (string | Buffer)[] = [
  '',
  '\f\f\f',
  'null\f[]\f7\f"x"\f{}\f',
  '{"type":"x","da',
  'x'.repeat(1_000_000),
  randomBytes(10_000),
  'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
  packet('news', 'early').repeat(5000),
  `{"type":"echo","data":${deep}}\f`,
  ...[undefined, null, 0, 'x', [], {}, { id: 1 }].map((data) => packet('ipc:welcome', data)),
  packet('ipc:welcome', { id: 'x', codec: 'nothing known' }),
  packet('ipc:welcome', { id: 'x', codec: 'msgpack', compress: true }) + packet('news', 1),
  packet('ipc:welcome', { id: 'x' }).repeat(1000),
  ...[undefined, null, 0, 'x', [], {}, { reason: 'x' }].map((data) => packet('ipc:bye', data)),
  ...['connect', 'disconnect', 'error', 'destroy', '*', '__proto__', 'constructor'].map((type) =>
    packet(type, {}),
  ),
  ...['ipc:hello', 'ipc:ping', 'ipc:message', 'ipc:publish', 'ipc:'].map((type) => packet(type, null)),
  packet('ipc:message', { topic: { topic: 'x' } }) +
    packet('ipc:message', { topic: 'a.b', data: 'never asked for' }),
  Array.from({ length: 500 }, (_, i) => packet('answer', 'forged', { re: i + 1 })).join(''),
  Array.from({ length: 500 }, (_, i) => packet('nobody', 'asked', { id: i + 1 })).join(''),
];

/**
 * Clients that connect to such servers. Whatever these send, a client must continue. When a server of ours listens at last, the
 * client must connect to it, and send the messages that it held.
 */
export async function imposters(): Promise<Figures> {
  const sayings = {
    plain: {},
    'with credentials': { credentials: 'x' },
    msgpack: { codec: 'msgpack' },
  } as const;
  for (const [kind, settings] of Object.entries(sayings)) await meet(kind, settings as Settings);
  return { imposters: Object.keys(sayings).length * SAYINGS.length };
}

async function meet(kind: string, settings: Settings): Promise<void> {
  const path = platformPath(`${freshDirectory()}/s`);
  let next = 0;
  let tell: () => void = () => {};
  const said = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const sockets = new Set<Socket>();
  const imposter = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.resume();
    if (next === SAYINGS.length) tell();
    socket.write(SAYINGS[next++ % SAYINGS.length] as string | Buffer);
    setTimeout(() => socket.destroy(), 8);
  }).listen(path);
  afterwards(() => imposter.close());
  await once(imposter, 'listening');

  const client: Client = freshIPC({ ...LIMITS, ...settings }).connectTo('world', path);
  client.on('*', (type: string) => {
    hold(typeof type === 'string', `a handler of all events got ${type} in place of a name`);
  });
  const asked = client.request('late', 1, { retries: Number.POSITIVE_INFINITY, timeout: 60_000 });
  asked.catch(() => {});
  await within(60_000, `a client ${kind} to meet every imposter`, said);
  hold('polluted' in {} === false, 'a prototype was changed');
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => imposter.close(() => resolve()));

  const server = freshIPC().serve(path);
  server.handle('late', (number: number) => number + 1);
  await server.start();
  // A Windows pipe may accept a client just before it is closed.
  const found = client.request('late', 1, { retries: Number.POSITIVE_INFINITY });
  hold(
    (await within(60_000, `a client ${kind} to find its server`, found)) === 2,
    `a client ${kind} is not served`,
  );
  await client.close();
  await server.stop();
}
