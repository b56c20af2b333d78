/** What a contract allows, on both sides; a line that must not compile is marked so, and fails when it does. */
import type { Socket } from 'node:net';
import ipc, {
  type Client,
  type DatagramServer,
  type IPCError,
  type Remote,
  remote,
  type Server,
} from 'omni-ipc';

interface World {
  message: string;
  position: { x: number; y: number };
  note: string | undefined;
  bye: undefined;
  anything: unknown;
  add: { request: [number, number]; response: number };
  now: { request: undefined; response: Date };
  tail: { request: string; stream: { line: string }; body?: Buffer };
  ticks: { request: undefined; stream: number };
}

/** Whether two types are the same. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
function is<Yes extends true>(..._: Yes[]): void {}

const world: Client<World> = ipc.connectTo<World>('world');
const distant: Client<World> = ipc.connectToNet<World>('distant', 'example.org', 8000);
const server: Server<World> = ipc.serve<World>();
const net: Server<World> = ipc.serveNet<World>('localhost', 0);
const udp: DatagramServer<World> = ipc.serveNet<World>('udp4');
declare const socket: Socket;

// Names and payloads of what a client emits.
world.emit('message', 'hello');
world.emit('position', { x: 1, y: 2 });
world.emit('note');
world.emit('note', 'text');
world.emit('bye');
world.emit('anything', [1]);
world.emit('anything');
world.emit(Buffer.from('raw'));
world.emit([1, 2, 3]);
// @ts-expect-error the payload is a text
world.emit('message', 5);
// @ts-expect-error a message has a payload
world.emit('message');
// @ts-expect-error there is no such event
world.emit('massage', 'hello');
// @ts-expect-error under a contract a lone text is a name that there is not
world.emit('massage');
// @ts-expect-error y is missing
world.emit('position', { x: 1 });
// @ts-expect-error there is no such payload
distant.emit('bye', 'what');

// What a server emits.
server.emit(socket, 'message', 'hello');
server.emit(socket, 'bye');
server.broadcast('position', { x: 1, y: 2 });
server.broadcast('bye');
udp.emit({ address: '127.0.0.1', port: 8001 }, 'message', 'hello');
udp.broadcast('message', 'hello');
// @ts-expect-error the payload is a text
server.emit(socket, 'message', 5);
// @ts-expect-error there is no such event
net.broadcast('massage', 'hello');
// @ts-expect-error a message has a payload
server.broadcast('message');
// @ts-expect-error a peer over UDP has a port
udp.emit({ address: '127.0.0.1' }, 'message', 'hello');

// What handlers get.
world.on('message', (data) => {
  is<Same<typeof data, string>>();
});
// @ts-expect-error nothing follows the data
world.on('message', (data: string, from: Socket) => [data, from]);
server.on('position', (data, from) => {
  is<Same<typeof data, { x: number; y: number }>>();
  from.destroy();
});
udp.on('message', (data, from) => {
  is<Same<typeof data, string>>();
  udp.emit(from, 'message', `${from.address} ${from.port}`);
});
world.once('message', (data) => data.toUpperCase());
// @ts-expect-error a message is a text
world.on('message', (data: number) => data);
// @ts-expect-error there is no such event
world.on('massage', () => {});
// @ts-expect-error there is no such event
server.on('massage', () => {});

// What happens by itself.
world.on('connect', () => {}).on('destroy', () => {});
world.on('disconnect', (farewell) => farewell?.reason);
world.on('error', (error) => {
  is<Same<typeof error, IPCError>>();
  const code: string = error.code;
  return code;
});
world.on('ipc:retry', (attempt, delay, { error, remaining }) => [attempt + delay + remaining, error?.code]);
world.on('ipc:status', (status) => status === 3);
world.on('*', (type, ...args) => [type.length, args.length]);
server.on('start', () => {});
server.on('connect', (from) => from.remoteAddress);
server.on('socket.disconnected', (from, id) => [from.destroyed, id]);
server.on('error', (error, from) => [error.code, from?.destroyed]);
// @ts-expect-error `connect` brings no data
world.on('connect', (data: string) => data);

// Requests and their answers.
async function ask(): Promise<void> {
  const sum = await world.request('add', [1, 2]);
  is<Same<typeof sum, number>>();
  const now = await world.request('now');
  is<Same<typeof now, Date>>();
  await world.request('now', undefined, { timeout: 10, retries: 1, signal: new AbortController().signal });
  const back = await server.request(socket, 'add', [1, 2], { timeout: 10 });
  is<Same<typeof back, number>>();
  for (const result of await server.survey('add', [1, 2])) {
    if (result.status === 'fulfilled') is<Same<typeof result.value, number>>();
    else console.error(result.socket, result.reason);
  }
  const [far] = await udp.survey('now');
  if (far?.status === 'fulfilled') is<Same<typeof far.value, Date>>();
  // @ts-expect-error it adds numbers
  await world.request('add', ['1', '2']);
  // @ts-expect-error it adds two numbers
  await world.request('add');
  // @ts-expect-error there is no such request
  await world.request('subtract', [1, 2]);
  // @ts-expect-error the answer is a number
  const text: string = await world.request('add', [1, 2]);
  // @ts-expect-error there is no such option
  await world.request('now', undefined, { patience: 1 });
  console.log(text);
}

// Who answers.
server.handle('add', ([a, b], from) => a + b + from.bytesRead);
world.handle('add', async ([a, b]) => a + b);
udp.handle('now', (_nothing, from) => new Date(from.port));
// @ts-expect-error the answer is a number
server.handle('add', () => 'three');
// @ts-expect-error the answer is a number, in time
world.handle('add', async () => 'three');
// @ts-expect-error it is asked with numbers
server.handle('add', (data: string) => data.length);
// @ts-expect-error there is no such request
server.handle('subtract', () => 1);

// A schema decides what its handler gets.
declare const input: {
  '~standard': {
    version: 1;
    vendor: string;
    validate: (value: unknown) => { value: { left: number; right: number } };
  };
};
server.handle('add', { input }, ({ left, right }) => left + right);
// @ts-expect-error the schema makes no text
server.handle('add', { input }, (data: string) => data.length);

// Streams and their bodies, called for by either side.
async function follow(): Promise<void> {
  const lines = world.stream('tail', 'log', {
    body: [Buffer.from('chunk')],
    timeout: 10,
    resume: true,
    retries: 2,
  });
  for await (const item of lines) is<Same<typeof item, { line: string }>>();
  for await (const tick of world.stream('ticks')) is<Same<typeof tick, number>>();
  const { value } = await server.stream(socket, 'tail', 'log', { highWaterMark: 4 }).next();
  is<Same<typeof value, { line: string } | undefined>>();
  console.log(lines.bytesRead, lines.bytesWritten, lines.itemsRead, lines.itemsWritten);
  // @ts-expect-error it is called with a text
  world.stream('tail', 5);
  // @ts-expect-error it is called with something
  world.stream('tail');
  // @ts-expect-error the chunks of its body are Buffers
  world.stream('tail', 'log', { body: [1] });
  // @ts-expect-error there is no such option
  world.stream('tail', 'log', { patience: 1 });
  // @ts-expect-error there is no such stream
  server.stream(socket, 'tale', 'log');
}

// Who responds with streams.
server.handle('tail', async function* (file, _from, { body, signal }) {
  is<Same<typeof file, string>>();
  for await (const chunk of body) {
    is<Same<typeof chunk, Buffer>>();
    if (signal.aborted) return;
    yield { line: chunk.toString() };
  }
});
world.handle('ticks', async function* () {
  yield 1;
});
world.handle('ticks', async () => new ReadableStream<number>());
// @ts-expect-error each item has a line
server.handle('tail', async function* () {
  yield 'a line';
});
// @ts-expect-error it responds with a stream
world.handle('ticks', () => 1);

// A contract's requests and streams as methods.
async function far(): Promise<void> {
  const methods: Remote<World> = remote<World>(ipc.connectTo('world'));
  const same = remote(world);
  const sum = await same.add([2, 40], { timeout: 10, signal: new AbortController().signal });
  is<Same<typeof sum, number>>();
  is<Same<Awaited<ReturnType<typeof methods.now>>, Date>>();
  const copy = methods.tail('log', {
    body: [Buffer.from('chunk')],
    highWaterMark: { items: 4 },
    resume: true,
  });
  for await (const item of copy) is<Same<typeof item, { line: string }>>();
  const { done } = await copy.return();
  console.log(done, copy.bytesRead, copy.bytesWritten);
  for await (const tick of methods.ticks()) is<Same<typeof tick, number>>();
  // @ts-expect-error it adds numbers
  await methods.add(['1', '2']);
  // @ts-expect-error the chunks of its body are Buffers
  methods.tail('log', { body: ['text'] });
  // @ts-expect-error a request has no body
  methods.add([1, 2], { body: [] });
  // @ts-expect-error there is no such request
  methods.subtract([1, 2]);
  // @ts-expect-error an event is not a method
  methods.message('hello');
}

// Both sides of one contract fit the same helper.
function greet(peer: Client<World>): boolean {
  return peer.emit('message', 'hello');
}
greet(world);

await using held = ipc.connectTo<World>('held');
await held.ready();

export { ask, far, follow };
