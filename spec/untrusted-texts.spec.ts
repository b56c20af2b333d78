import type { IPCError } from '../entities/errors.js';
import { once } from './support/events.js';
import { freshIPC, local } from './support/instances.js';
import { BareServer, barePeer } from './support/peers.js';

/** What a peer chooses as a text: a line of its own in a log, a sequence that clears a terminal, and a turn of the direction. */
const MEAN = 'x\nERROR forged\u001b[2J\u202e\u{e0041}';
const LONG = `${MEAN}${'z'.repeat(1024 * 1024)}`;
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** The longest text of a peer's that any of these messages shows, with what is said around it. */
const LONGEST = 4500;

/** What stays unsafe, or too long, of the lines of a log and the messages of errors. */
function raw(texts: readonly string[]): string[] {
  return texts
    .filter((text) => UNSAFE.test(text) || text.length > LONGEST)
    .map((text) => JSON.stringify(text.slice(0, 200)));
}

/** What a client, or anybody in its place, may send to a server. */
const TO_SERVERS: Record<string, readonly object[]> = {
  'a label': [{ type: 'x', data: { id: MEAN } }],
  'a control name': [{ type: `ipc:${MEAN}` }],
  'a control name with an id': [{ type: `ipc:${MEAN}`, id: 1 }],
  'a long control name': [{ type: `ipc:${LONG}` }],
  'a name that is not allowed': [{ type: MEAN }, { type: MEAN, id: MEAN }],
  'a topic to publish under': [{ type: 'ipc:publish', data: { topic: `*.${MEAN}` } }],
  'a topic of another type': [{ type: 'ipc:publish', data: { topic: [MEAN, { [MEAN]: MEAN }] } }],
  'a topic to subscribe to': [{ type: 'ipc:subscribe', data: `>.${MEAN}` }],
  'a long topic': [{ type: 'ipc:subscribe', data: LONG }],
  'a session': [{ type: 'ipc:hello', data: { session: MEAN, codecs: [MEAN], retries: true } }],
  'a stream': [{ type: 'ipc:stream', data: { type: MEAN, items: 1, bytes: 1 }, id: MEAN }],
  'a malformed stream': [{ type: 'ipc:item', data: { id: MEAN, seq: MEAN } }],
  'a bye': [{ type: 'ipc:bye', data: { reason: LONG, code: LONG } }],
};

/** What a server, or anybody in its place, may send to a client. */
const TO_CLIENTS: Record<string, readonly object[]> = {
  'a refusal': [{ type: 'ipc:bye', data: { code: 'ERR_IPC_REFUSED', reason: LONG, reconnect: false } }],
  'another code': [{ type: 'ipc:bye', data: { code: MEAN, reason: LONG, reconnect: false } }],
  'a control name': [{ type: `ipc:${MEAN}` }, { type: `ipc:${LONG}` }],
  'a welcome': [{ type: 'ipc:welcome', data: { id: MEAN, codec: LONG } }],
  'a lifecycle event': [{ type: 'connect' }, { type: 'ipc:status' }],
};

describe('Texts that a peer chose are escaped and truncated before they reach the log or an error', () => {
  for (const [what, packets] of Object.entries(TO_SERVERS)) {
    it(`of a server: ${what}`, async () => {
      const texts: string[] = [];
      const server = await local.serve({
        silent: false,
        logger: (line: string) => texts.push(line),
        allowedEvents: (name) => name === 'x',
      });
      server.on('error', ({ message, stack }: IPCError) =>
        texts.push(message, (stack ?? '').split('\n    at')[0] ?? ''),
      );
      server.on('*', () => {});
      const left = once(server, 'disconnect');
      const peer = await barePeer(server);
      for (const packet of packets) peer.write(`${JSON.stringify(packet)}\f`);
      peer.write(`{"type":"x${MEAN}\f`).emit('x', 'last');
      await once(server, 'x');
      peer.socket.end();
      await left;
      expect(texts.length).toBeGreaterThan(2);
      expect(raw(texts)).toEqual([]);
      const told = peer.packets.map(({ error }) => (error as IPCError | undefined)?.message ?? '');
      expect(raw(told)).toEqual([]);
    });
  }

  for (const [what, packets] of Object.entries(TO_CLIENTS)) {
    it(`of a client: ${what}`, async () => {
      const server = await new BareServer().listen();
      const texts: string[] = [];
      const settings = { silent: false, logger: (line: string) => texts.push(line), maxRetries: 0 };
      const client = freshIPC({ ...settings, codec: what === 'a welcome' ? 'msgpack' : 'json' }).connectTo(
        'world',
        server.path,
      );
      client.on('error', ({ message }: IPCError) => texts.push(message));
      const over = once(client, 'destroy');
      const peer = await server.peer();
      for (const packet of packets) peer.write(`${JSON.stringify(packet)}\f`);
      peer.socket.end();
      await over;
      expect(texts.length).toBeGreaterThan(1);
      expect(raw(texts)).toEqual([]);
    });
  }

  it('of a requester: the error that the handler threw, of which ordinary texts arrive unchanged', async () => {
    const server = await local.serve();
    const client = freshIPC().connectTo('world', server.path);
    server.handle('mean', () => {
      throw Object.assign(new Error(LONG), { name: LONG, code: LONG });
    });
    server.handle('plain', () => {
      throw Object.assign(new RangeError('größer als €'), { code: 'E_RANGE' });
    });
    const mean = await client.request('mean').catch((error: IPCError) => error);
    const { name, message, code } = mean as IPCError;
    expect(raw([name, message, code])).toEqual([]);
    await expectAsync(client.request('plain')).toBeRejectedWith(
      jasmine.objectContaining({ name: 'RangeError', message: 'größer als €', code: 'E_RANGE' }),
    );
  });
});
