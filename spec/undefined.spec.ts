import { deserialize, serialize } from 'node:v8';
import type { CustomCodec } from '../entities/codec.js';
import { Client as NetIpcClient, Server as NetIpcServer } from '../services/net-ipc/index.js';
import { afterwards } from './support/afterwards.js';
import { channelAt, freshRendezvous } from './support/channels.js';
import { once } from './support/events.js';
import { datagrams, freshIPC, join, local, type Settings } from './support/instances.js';
import { NatsServer, natsChannel, withoutNats } from './support/nats.js';
import { freshPath } from './support/places.js';

// biome-ignore lint/suspicious/noExplicitAny: every kind of end, by the same few methods
type End = any;

/** Both ends of a conversation, and how each asks the other. */
interface Asking {
  readonly ends: readonly [End, End];
  readonly asks: readonly ((type: string) => Promise<unknown>)[];
}

const v8: CustomCodec = { name: 'v8 values', binary: true, encode: serialize, decode: deserialize };
const text: CustomCodec = {
  name: 'json text',
  encode: (value) => JSON.stringify(value),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

const SETTINGS: Record<string, Settings> = {
  JSON: {},
  'JSON with another delimiter': { delimiter: '||' },
  'JSON with a length before each frame': { framing: 'length-prefixed' },
  'compressed JSON': { compress: true },
  MessagePack: { codec: 'msgpack' },
  'compressed MessagePack': { codec: 'msgpack', compress: true },
  'a codec of values': { codec: v8 },
  'a codec of text': { codec: text },
  'a codec of text, compressed': { codec: text, compress: true },
};

describe('A response that is undefined arrives as undefined', () => {
  async function expectUndefined({ ends, asks }: Asking): Promise<void> {
    for (const end of ends) {
      end.handle('nothing', () => {});
      end.handle('nothing later', async () => {});
      end.handle('null', () => null);
      end.handle('empty', () => ({}));
    }
    for (const ask of asks) {
      expect(await Promise.all(['nothing', 'nothing later', 'null', 'empty'].map(ask))).toEqual([
        undefined,
        undefined,
        null,
        {},
      ]);
    }
  }

  function asking(server: End, client: End): Asking {
    const [socket] = server.sockets;
    return {
      ends: [server, client],
      asks: [
        (type) => client.request(type),
        (type) => client.request(type, undefined, { retries: 1 }),
        (type) => server.request(socket, type),
      ],
    };
  }

  for (const [name, settings] of Object.entries(SETTINGS)) {
    it(`in ${name}`, async () => {
      const server = await local.serve(settings);
      const client = await join(local, server, settings);
      await expectUndefined(asking(server, client));
    });
  }

  it('over UDP', async () => {
    const [one, other] = await Promise.all([datagrams(), datagrams()]);
    const at = ({ port }: { port: number }) => ({ address: '127.0.0.1', port });
    await expectUndefined({
      ends: [one, other],
      asks: [(type) => one.request(at(other), type), (type) => other.request(at(one), type)],
    });
  });

  it('over a message port', async () => {
    const { port1, port2 } = new MessageChannel();
    const server = freshIPC().servePort(port1);
    await server.start();
    const connected = once(server, 'connect');
    const client = await freshIPC().connectToPort('port', port2).ready();
    await connected;
    await expectUndefined(asking(server, client));
  });

  for (const options of [
    {},
    { messagepack: true },
    { compress: true },
    { messagepack: true, compress: true },
  ]) {
    it(`on net-ipc's wire, ${JSON.stringify(options)}`, async () => {
      const path = freshPath();
      const server = new NetIpcServer({ path, ...options });
      afterwards(() => server.close());
      const nothing = (_data: unknown, answer: (data?: unknown) => void) => answer(undefined);
      server.on('request', nothing);
      const came = once(server, 'connect');
      await server.start();
      const client = new NetIpcClient({ path, ...options });
      afterwards(() => client.close());
      client.on('request', nothing);
      await client.connect();
      const [connection] = (await came) as [{ request(data: unknown): Promise<unknown> }];
      expect([await client.request('nothing'), await connection.request('nothing')]).toEqual([
        undefined,
        undefined,
      ]);
    });
  }

  it('between members of a channel', async () => {
    const directory = freshRendezvous();
    const [one, other] = [channelAt(directory), channelAt(directory)] as [End, End];
    await Promise.all([one.ready(), other.ready()]);
    await expectUndefined({
      ends: [one, other],
      asks: [(type) => one.to(other.pid).request(type), (type) => one.to(one.pid).request(type)],
    });
  });

  it('between members of a channel over NATS', async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    const server = await NatsServer.start();
    const one: End = await natsChannel(server).ready();
    const other: End = await natsChannel(server).ready();
    await expectUndefined({ ends: [one, other], asks: [(type) => other.to(1).request(type)] });
  });
});
