/**
 * Fuzzes all dialects. Packets must be decoded unchanged, whatever the chunks. Any bytes must become packets or typed
 * errors, the same for any chunks, in bounded memory. `npm run soak -- fuzz --count=1000000 --seed=1 --dialect=json`
 */
import { setImmediate as turn } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { DialectName } from '../../entities/config/wire.js';
import { IPCError } from '../../entities/errors.js';
import { isControl, isPacketId, type Packet } from '../../entities/packet.js';
import { ITEM, type Item } from '../../entities/stream.js';
import { DetectDialect } from '../../lib/dialects/detect.js';
import type { Decoder, Dialect } from '../../lib/dialects/dialect.js';
import { NegotiatedDialect } from '../../lib/dialects/negotiated.js';
import { NodeIpcDialect } from '../../lib/dialects/node-ipc.js';
import { RawDialect } from '../../lib/dialects/raw.js';
import { registerDialect } from '../../lib/dialects/registry.js';
import { ByteQueue } from '../../lib/framing/byte-queue.js';
import { NET_IPC, NetIpcDialect } from '../../services/net-ipc/dialect.js';
import { SOCKET_IPC, TopicDialect } from '../../services/socket-ipc/dialect.js';
import { bytesOf } from '../lib/dialects/decoding.js';
import { fuzzStreams } from './fuzz-streams.js';
import { type Memory, mebibytes, memory } from './memory.js';
import { Noise } from './noise.js';
import { BrokenPromise, type Figures, hold } from './promise.js';
import { freshSeed, seeded } from './random.js';

export interface Settings {
  /** The number of inputs per dialect. */
  count?: number;
  seed?: number;
  /** The name of the only dialect to fuzz. */
  dialect?: string;
}

/** A stream that a dialect wrote, and the packets that must come of it. */
interface Sample {
  readonly bytes: Buffer;
  readonly packets: readonly Packet[];
}

interface Subject {
  /** Returns a reading dialect for one input. */
  reader(noise: Noise): Dialect;
  /** Returns bytes that a peer of such a reader may write. */
  sample(noise: Noise, reader: Dialect): Sample;
  /** The number of samples, if making one takes long. */
  readonly samples?: number;
}

const LIMITS = { maxMessageSize: 4096, maxDepth: 500 };
/** The most bytes that a decoder holds beside a frame: the headers of an upgrade. */
const MOST_HELD = LIMITS.maxMessageSize + 8192 + 16;
/** The limit of the processor time that one input takes, in milliseconds. */
const PATIENCE = 5000;
/** The memory that the inputs of a dialect may leave behind, in mebibytes, after a number of inputs. */
const LEAK = 24;
const WARM = 20_000;
const WHOLE = { depth: null, maxArrayLength: null, maxStringLength: null, showHidden: true };
const EXPECTED = new Set(['ERR_IPC_TOO_LARGE', 'ERR_IPC_PROTOCOL', 'ERR_IPC_HANDSHAKE']);

const DELIMITERS = ['\f', '\n', '\0\0', '||', '§', '\u{1f600}', '\ufffd', '|"}|', 'abcab'].map(
  (delimiter) => {
    return new NodeIpcDialect(delimiter);
  },
);
const json = DELIMITERS[0] as NodeIpcDialect;
const topic = new TopicDialect();
const raw = new RawDialect('utf8');
const netIpcServer = new NetIpcDialect({ role: 'server', topics: false });
const netIpcClient = new NetIpcDialect({ role: 'client', topics: false });
const upgrading = new NetIpcDialect({ role: 'client', topics: false, upgrade: 'net-ipc' });
const ACCEPTED: [DialectName, Dialect][] = [
  ['json', json],
  ['net-ipc', netIpcServer],
  ['topic', topic],
];
registerDialect(NET_IPC);
registerDialect(SOCKET_IPC);
const accept = new DetectDialect(new Map(ACCEPTED));

const SUBJECTS: Record<string, Subject> = {
  json: { reader: (noise) => noise.pick(DELIMITERS), sample: packetsOf },
  topic: {
    reader: () => topic,
    sample: (noise) =>
      written(
        topic,
        events(noise, noise.text(), () => noise.value()),
      ),
  },
  raw: {
    reader: () => raw,
    sample: (noise) => ({ bytes: noise.bytes(noise.below(200)), packets: [] }),
  },
  msgpack: framed('msgpack', false),
  'msgpack-compressed': framed('msgpack', true),
  'json-compressed': framed('json', true),
  'net-ipc': { reader: (noise) => noise.pick([netIpcServer, netIpcClient, upgrading]), sample: greeting },
  'net-ipc-msgpack': agreed('msgpack', false),
  'net-ipc-compressed': agreed('json', true),
  accept: {
    reader: () => accept,
    sample: (noise) => {
      const [, dialect] = noise.pick(ACCEPTED);
      const sample =
        dialect === json
          ? packetsOf(noise, json)
          : dialect === topic
            ? written(
                topic,
                events(noise, noise.text(), () => noise.value()),
              )
            : greeting(noise, netIpcServer);
      return sample;
    },
  },
};

/** Runs the campaign. @throws BrokenPromise with everything that is needed to reproduce the fault */
export async function soak(settings: Settings = {}): Promise<Figures> {
  const { count = 1_000_000, seed = freshSeed() } = settings;
  const figures: Figures = { seed };
  for (const [name, subject] of Object.entries(SUBJECTS)) {
    if (settings.dialect !== undefined && settings.dialect !== name) continue;
    figures[name] = await fuzz(name, subject, count, seed);
  }
  if (settings.dialect === undefined || settings.dialect === STREAMS) {
    figures[STREAMS] = await streams(Math.ceil(count / STREAMS_COST), seed);
  }
  hold(Object.keys(figures).length > 1, `There is no dialect ${settings.dialect}`);
  return figures;
}

/** Conversations of streams are not bytes, but are fuzzed the same way. */
const STREAMS = 'streams';
/** One conversation takes as long as this number of inputs of a dialect. */
const STREAMS_COST = 20;

async function streams(count: number, seed: number): Promise<string> {
  let items = 0;
  let broken = 0;
  for (let i = 0; i < count; i++) {
    // Each input has separate noise, so that it can be repeated alone.
    const noise = new Noise(seeded(seed + i));
    try {
      const outcome = await fuzzStreams(noise);
      items += outcome.items;
      if (outcome.broken) broken++;
    } catch (error) {
      const where = `${STREAMS}, seed ${seed + i}, the first input`;
      throw new BrokenPromise(`${where}\n  ${(error as Error).stack}`, { cause: error });
    }
  }
  return `${count} conversations, ${items} items, ${broken} ended for breaking the rules`;
}

class Tally {
  packets = 0;
  refused = 0;
  ended = 0;
  peak = 0;
  slowest = 0;
}

async function fuzz(name: string, subject: Subject, count: number, seed: number): Promise<string> {
  const noise = new Noise(seeded(seed));
  const tally = new Tally();
  const pool = subject.samples === undefined ? undefined : poolOf(subject, subject.samples, noise);
  let before: Memory | undefined;
  for (let i = 0; i < count; i++) {
    if (i === WARM) before = await memory();
    const reader = subject.reader(noise);
    const sample = pool === undefined ? subject.sample(noise, reader) : noise.pick(pool);
    const isWhole = noise.chance(0.4);
    const bytes = isWhole ? sample.bytes : spoilt(sample.bytes, noise);
    try {
      examine(reader, bytes, isWhole && reader !== raw ? sample.packets : undefined, noise, tally);
    } catch (error) {
      const where = `${name}, seed ${seed}, input ${i}, ${bytes.length} bytes: ${bytes.toString('hex', 0, 2000)}`;
      throw new BrokenPromise(`${where}\n  ${(error as Error).stack}`, { cause: error });
    }
    if (i % 500 !== 0) continue;
    // Node's streams report late events in a separate turn.
    await turn();
    tally.peak = Math.max(tally.peak, process.memoryUsage.rss());
  }
  const left = before === undefined ? 0 : (await memory()).held - before.held;
  hold(left < LEAK, `${name}, seed ${seed}: ${left} MiB are left behind by ${count} inputs`);
  const { packets, refused, ended, peak, slowest } = tally;
  return (
    `${count} inputs, ${packets} packets, ${refused} frames refused, ${ended} streams ended by an error, ` +
    `${mebibytes(peak)} MiB at most, ${Math.round(left * 10) / 10} MiB left, slowest ${Math.round(slowest)} ms`
  );
}

function poolOf(subject: Subject, size: number, noise: Noise): Sample[] {
  return Array.from({ length: size }, () => subject.sample(noise, subject.reader(noise)));
}

function spoilt(bytes: Buffer, noise: Noise): Buffer {
  const kind = noise.below(10);
  if (kind < 6) return noise.mutated(bytes);
  if (kind < 8) return noise.bytes(noise.below(100));
  const odd = Buffer.from(noise.oddJSON());
  const at = noise.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), odd, bytes.subarray(noise.chance(0.5) ? at : bytes.length)]);
}

/** Reads the bytes in two ways, which must have the same result. */
function examine(
  dialect: Dialect,
  bytes: Buffer,
  expected: readonly Packet[] | undefined,
  noise: Noise,
  tally: Tally,
): void {
  const since = process.cpuUsage();
  const whole = read(dialect.decoder(LIMITS), [bytes], noise, 0);
  const pieces = read(dialect.decoder(LIMITS), noise.chunks(bytes), noise, noise.pick([0, 0, 0.3, 1]));
  const { user, system } = process.cpuUsage(since);
  const time = (user + system) / 1000;
  hold(time < PATIENCE, `It took ${time} ms of processor time`);
  tally.slowest = Math.max(tally.slowest, time);
  tally.packets += whole.packets.length;
  if (whole.error !== undefined && whole.error !== 'cut short') tally.ended++;
  for (const packet of whole.packets) {
    if (packet.error !== undefined && packet.re === undefined) tally.refused++;
  }
  if (dialect === raw) {
    hold(Buffer.concat(pieces.packets.map(({ data }) => data as Buffer)).equals(bytes), 'Raw bytes changed');
    return;
  }
  hold(pieces.error === whole.error, `In chunks it ends with ${pieces.error}, at once with ${whole.error}`);
  hold(isSame(pieces.packets, whole.packets), 'Other packets come of chunks than of the whole');
  if (expected === undefined || whole.error === 'ERR_IPC_TOO_LARGE') return;
  hold(whole.error === undefined, `What was written well is refused: ${whole.error}`);
  if (isSame(whole.packets, expected)) return;
  throw new BrokenPromise(`Other packets come out than went in: ${inspect(whole.packets, WHOLE)}`);
}

interface Outcome {
  readonly packets: Packet[];
  readonly error: string | undefined;
}

function read(first: Decoder, chunks: readonly Buffer[], noise: Noise, stops: number): Outcome {
  const packets: Packet[] = [];
  const unread = new ByteQueue();
  let decoder = first;
  let stopped = false;
  const deliver = (packet: Packet) => {
    hold(!stopped, 'A packet comes that nobody wants');
    check(packet);
    packets.push(packet);
    stopped = noise.chance(stops);
    return !stopped;
  };
  try {
    for (const chunk of chunks) {
      unread.append(chunk);
      for (;;) {
        const found = decoder.read(unread, deliver);
        hold(
          found === undefined || !stopped,
          'Something is found after a packet that is the last one wanted',
        );
        if (found?.dialect !== undefined) decoder = found.dialect.decoder(LIMITS);
        if (found === undefined && !stopped) break;
        stopped = false;
      }
      hold(unread.length <= MOST_HELD, `${unread.length} bytes are held`);
    }
    const end = decoder.end(unread);
    hold(unread.length === 0, 'Bytes are held after the end');
    return { packets, error: end === undefined ? undefined : 'cut short' };
  } catch (error) {
    if (!(error instanceof IPCError)) throw error;
    hold(EXPECTED.has(error.code), `A decoder gives up with ${error.code}`);
    return { packets, error: error.code };
  }
}

/** Checks the conditions that every decoded packet must meet. */
function check({ type, id, re, error }: Packet): void {
  hold(typeof type === 'string', 'A type is not text');
  hold(
    [id, re].every((one) => one === undefined || isPacketId(one)),
    `${String(id)} or ${String(re)} is not an id`,
  );
  if (error === undefined || re !== undefined) return;
  hold(
    /^ERR_IPC_(DECODE|TOO_DEEP)$/.test((error as IPCError).code),
    'A refused frame has no error of its own',
  );
}

function isSame(some: readonly Packet[], others: readonly Packet[]): boolean {
  if (some.length !== others.length) return false;
  return some.every((packet, i) => isSamePacket(packet, others[i] as Packet));
}

function isSamePacket(one: Packet, other: Packet): boolean {
  if (one.type !== other.type || one.id !== other.id || one.re !== other.re) return false;
  if (one.error !== undefined && one.re === undefined) return other.error !== undefined;
  const [these, those] = [one, other].map(({ type, data, error }) => [
    type === ITEM ? itemOf(data) : data,
    error,
  ]);
  // Invalid dates are equal to nothing, not even to each other.
  return isDeepStrictEqual(these, those) || inspect(these, WHOLE) === inspect(those, WHOLE);
}

function written(dialect: Dialect, packets: readonly Packet[]): Sample {
  return { bytes: bytesOf(dialect, ...packets), packets };
}

/** Returns up to four events of a name. */
function events(noise: Noise, type: string, data: () => unknown): Packet[] {
  const name = isControl(type) ? '' : type;
  return Array.from({ length: noise.below(4) + 1 }, () => ({ type: name, data: data() }));
}

/** Returns events, requests, answers, refusals, and items that are bytes. */
function packetsOf(noise: Noise, dialect: Dialect, data = () => noise.value()): Sample {
  const packets = events(noise, noise.text(), data);
  for (const packet of packets) {
    const kind = noise.below(7);
    if (kind === 3 && writesBytes(dialect)) {
      packet.type = ITEM;
      packet.data = { re: noise.below(99), seq: noise.below(99), item: noise.bytes(noise.below(2900)) };
    }
    if (kind === 0) packet.id = noise.below(2 ** 50) + 1;
    if (kind === 1) packet.re = noise.below(2 ** 50) + 1;
    if (kind !== 2) continue;
    packet.re = noise.below(2 ** 50) + 1;
    packet.error = { name: noise.text(), message: noise.text() };
  }
  return written(dialect, packets);
}

function writesBytes({ capabilities }: Dialect): boolean {
  return capabilities.streams === 'bytes';
}

/** Returns an item as streams see it: its bytes, if it came as base64. */
function itemOf(data: unknown): unknown {
  const { base64, ...rest } = (data ?? {}) as Item;
  return typeof base64 === 'string' ? { ...rest, item: Buffer.from(base64, 'base64') } : data;
}

/** Returns the packets after hello and welcome. */
function framed(codec: 'msgpack' | 'json', compress: boolean): Subject {
  const reader = new NegotiatedDialect({ codec, compress });
  const sample = (noise: Noise) => {
    const writer = compress ? new NegotiatedDialect({ codec, compress }) : reader;
    return packetsOf(noise, writer, () => (codec === 'msgpack' ? noise.richValue() : noise.value()));
  };
  return compress ? { reader: () => reader, sample, samples: 2000 } : { reader: () => reader, sample };
}

function agreed(codec: 'msgpack' | 'json', compress: boolean): Subject {
  const options = { topics: false, negotiation: { codec, compress } };
  const reader = new NetIpcDialect({ role: 'server', ...options });
  const sample = (noise: Noise) => conversation(noise, new NetIpcDialect({ role: 'client', ...options }));
  return { reader: () => reader, sample, samples: 2000 };
}

/** Returns the packets between two ends of net-ipc. */
function conversation(noise: Noise, writer: Dialect): Sample {
  const sample = written(writer, [
    ...events(noise, 'message', () => plain(noise)),
    { type: 'request', data: plain(noise), id: 7 },
    { type: 'request', data: plain(noise), re: 'nonce' },
    { type: 'ipc:ping', data: undefined, id: 8 },
    { type: 'ipc:bye', data: { reason: 'x', reconnect: noise.chance(0.5) } },
  ]);
  return { ...sample, packets: sample.packets.map((packet) => heard(packet)) };
}

/** Our ids are strings on that wire. */
function heard(packet: Packet): Packet {
  return packet.id === undefined ? packet : { ...packet, id: String(packet.id) };
}

/** Returns a value that is the same in JSON and in msgpack, without keys that are names of prototypes. */
function plain(noise: Noise): unknown {
  return JSON.parse(JSON.stringify(noise.value()).replaceAll('__proto__', 'proto'));
}

/** Returns the opening, hello or welcome, and a conversation. */
function greeting(noise: Noise, reader: Dialect): Sample {
  const isServer = reader === netIpcServer;
  const { bytes, packets } = conversation(noise, isServer ? netIpcClient : netIpcServer);
  if (isServer) {
    const opener = noise.pick([netIpcClient, upgrading]);
    const data = { compress: false, session: 'former', credentials: plain(noise) };
    const hello: Packet[] = [{ type: 'ipc:hello', data }];
    const opening = [opener.handshake.preamble as Buffer, written(netIpcClient, hello).bytes];
    return { bytes: Buffer.concat([...opening, bytes]), packets: [...hello, ...packets] };
  }
  const data = { id: 'x', codec: 'json', compress: false };
  const welcome: Packet[] = [{ type: 'ipc:welcome', data }];
  const start = [written(netIpcServer, welcome).bytes, bytes];
  if (reader === upgrading) {
    start.unshift(Buffer.from('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n'));
  }
  return { bytes: Buffer.concat(start), packets: [...welcome, ...packets] };
}
