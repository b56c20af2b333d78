import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { afterwards } from '../support/afterwards.js';
import { freshIPC, local, type Settings } from '../support/instances.js';
import { BareServer, barePeer } from '../support/peers.js';
import { inProject } from '../support/project.js';

interface Vector {
  readonly name: string;
  readonly text?: string;
  readonly hex?: string;
  readonly delimiter?: string;
  readonly maxMessageSize?: number;
  readonly packets: readonly Expected[];
  readonly ends?: string;
  readonly encode?: true;
}

/** A packet, or the code of a frame that is not a packet. */
type Expected =
  | { type: string; data?: unknown; id?: number | string; re?: number | string; error?: object }
  | { fault: string };

const { vectors } = JSON.parse(readFileSync(inProject('clients/vectors.json'), 'utf8')) as {
  vectors: Vector[];
};

function bytesOf({ hex, text = '' }: Vector): Buffer {
  return hex === undefined ? Buffer.from(text) : Buffer.from(hex, 'hex');
}

function settingsOf({ delimiter, maxMessageSize }: Vector): Settings {
  return { ...(delimiter && { delimiter }), ...(maxMessageSize && { maxMessageSize }) };
}

/** How a server of ours decodes a stream that arrives in chunks of a size, observed by the diagnostics channels. */
async function decoded(vector: Vector, step: number): Promise<{ packets: unknown[]; codes: string[] }> {
  const server = await local.serve(settingsOf(vector));
  const packets: unknown[] = [];
  const codes: string[] = [];
  const take = (message: unknown) => {
    const { type, data, id, re, error } = (message as { packet: Record<string, unknown> }).packet;
    const members = Object.entries({ type, data, id, re, error });
    if (re === undefined && error !== undefined) packets.push({ fault: faultOf(error as { code: string }) });
    else
      packets.push(Object.fromEntries(members.filter(([, value]) => value !== undefined && value !== null)));
  };
  subscribe('omni-ipc:packet.in', take);
  afterwards(() => unsubscribe('omni-ipc:packet.in', take));
  server.on('error', ({ code }: { code: string }) => codes.push(code));
  const peer = await barePeer(server);
  const bytes = bytesOf(vector);
  for (let at = 0; at < bytes.length; at += step) {
    peer.write(bytes.subarray(at, at + step));
    if (step < bytes.length) await new Promise(setImmediate);
  }
  peer.socket.end();
  await peer.ended();
  unsubscribe('omni-ipc:packet.in', take);
  return { packets, codes };
}

/** A packet without the members that are null, since null counts as missing for some of them. */
function withoutNulls(expected: Expected): unknown {
  return Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== null));
}

/** The code of every client for a frame that it cannot read. Ours has a code of its own for data that nest too deep. */
function faultOf({ code }: { code: string }): string {
  return code === 'ERR_IPC_TOO_DEEP' ? 'ERR_IPC_DECODE' : code;
}

/** The control packets that a client of ours is made to write. */
const WRITTEN = ['ipc:ping', 'ipc:subscribe'];

/** Whether our encoder is made to write it. The ids of its requests are numbers. */
function isOurs({ encode, packets: [packet] }: Vector): boolean {
  if (encode !== true) return false;
  const { type, id } = packet as { type: string; id?: unknown };
  return typeof id !== 'string' && (!type.startsWith('ipc:') || WRITTEN.includes(type));
}

/** The bytes that our side writes for a packet. */
async function encoded({ packets: [packet], ...vector }: Vector, length: number): Promise<string> {
  const { type, data, id, re } = packet as Exclude<Expected, { fault: string }>;
  const bare = await new BareServer().listen();
  const client = freshIPC(settingsOf({ packets: [], ...vector })).connectTo('world', bare.path);
  client.handle(type.startsWith('ipc:') ? 'nothing' : type, () => data);
  const peer = await bare.peer();
  if (re !== undefined) peer.emit(type, {}, { id: re });
  else if (type === 'ipc:ping') void client.ping();
  else if (type === 'ipc:subscribe') void client.subscribe(data as string[], () => {});
  else if (id !== undefined) void client.request(type, data);
  else client.emit(type, data);
  await peer.until(() => peer.bytes.length >= length, 'the bytes of the packet');
  return peer.text;
}

describe('The test vectors', () => {
  for (const vector of vectors) {
    it(`are read by our server as listed: ${vector.name}`, async () => {
      const whole = await decoded(vector, Number.POSITIVE_INFINITY);
      expect(whole.packets).toEqual(vector.packets.map(withoutNulls));
      expect(whole.codes.includes('ERR_IPC_TOO_LARGE')).toBe(vector.ends === 'ERR_IPC_TOO_LARGE');
    });
  }

  it('are read the same way in chunks of three bytes', async () => {
    const short = vectors.filter((vector) => bytesOf(vector).length < 200 && vector.ends === undefined);
    for (const vector of short) {
      const { packets } = await decoded(vector, 3);
      expect(packets).withContext(vector.name).toEqual(vector.packets.map(withoutNulls));
    }
  });

  for (const vector of vectors.filter(isOurs)) {
    it(`are written by our client as listed: ${vector.name}`, async () => {
      const bytes = bytesOf(vector);
      expect(await encoded(vector, bytes.length)).toBe(bytes.toString());
    });
  }
});
