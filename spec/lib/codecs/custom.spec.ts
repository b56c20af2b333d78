import { deserialize, serialize } from 'node:v8';
import type { CustomCodec } from '../../../entities/codec.js';
import { BoundedCodec } from '../../../lib/codecs/custom.js';
import { registerCodec } from '../../../lib/codecs/registry.js';
import type { Server } from '../../../lib/server.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { freshIPC, local, type Settings } from '../../support/instances.js';
import { LIMITS } from '../dialects/decoding.js';

const encode = (value: readonly unknown[]) => serialize(value);
const decode = (bytes: Buffer) => deserialize(bytes);
const v8: CustomCodec = { name: 'v8', binary: true, encode, decode };

/** Data within so many arrays. */
function nested(levels: number): unknown {
  let data: unknown = 'core';
  for (let i = 0; i < levels; i++) data = [data];
  return data;
}

describe('A bounded codec', () => {
  it('encodes and decodes fields, after the reserved room, as bytes or as text', () => {
    const text: CustomCodec = {
      name: 'text',
      encode: JSON.stringify,
      decode: (bytes) => JSON.parse(String(bytes)),
    };
    for (const codec of [new BoundedCodec(v8), new BoundedCodec(text)]) {
      const fields = ['type', { text: 'größer' }, 7, null, null];
      const bytes = codec.encode(fields, LIMITS, 3);
      expect(codec.decode(Buffer.concat([bytes, Buffer.from('rest')]), 3, bytes.length, LIMITS)).toEqual(
        fields,
      );
    }
  });

  it('reports values that it cannot encode, and results that are not bytes', () => {
    const fields = ['type', () => {}];
    expect(() => new BoundedCodec(v8).encode(fields, LIMITS, 0)).toThrow(
      ipcError('ERR_IPC_ENCODE', 'The codec v8 cannot encode the payload: '),
    );
    for (const value of [undefined, null, 5, [1], Promise.resolve('')]) {
      const odd = new BoundedCodec({ name: 'odd', encode: () => value as never, decode });
      expect(() => odd.encode(fields, LIMITS, 0)).toThrow(
        ipcError('ERR_IPC_ENCODE', 'a Uint8Array or a string'),
      );
    }
  });

  it('nests as deep as the limits allow, both ways', () => {
    const codec = new BoundedCodec(v8);
    const limits = { ...LIMITS, maxDepth: 5 };
    const bytes = codec.encode(['type', nested(5)], limits, 0);
    expect(codec.decode(bytes, 0, bytes.length, limits)).toEqual(['type', nested(5)]);
    expect(() => codec.encode(['type', nested(6)], limits, 0)).toThrow(ipcError('ERR_IPC_TOO_DEEP'));
    const deep = codec.encode(['type', nested(6)], LIMITS, 0);
    expect(() => codec.decode(deep, 0, deep.length, limits)).toThrow(ipcError('ERR_IPC_TOO_DEEP'));
  });
});

describe('config.codec, with a custom codec,', () => {
  async function pairWith(server: Settings, client: Settings) {
    const serving = await local.serve(server);
    serving.handle('kind', (data) => [data.constructor.name, data]);
    return { server: serving, client: local.connect(serving, client) };
  }

  it('is used by a client and a server that both have it', async () => {
    const { client, server } = await pairWith({ codec: v8 }, { codec: v8 });
    const date = new Date();
    expect(await client.request('kind', date)).toEqual(['Date', date]);
    expect(await client.request('kind', new Map([[1, { n: 1n }]]))).toEqual([
      'Map',
      new Map([[1, { n: 1n }]]),
    ]);
    const heard = once(server, 'event');
    client.emit('event', Buffer.from('bytes'));
    expect(Buffer.from((await heard)[0] as Uint8Array).toString()).toBe('bytes');
  });

  it('is compressed if that is asked for', async () => {
    const { client } = await pairWith({ codec: v8 }, { codec: v8, compress: true });
    expect(await client.request('kind', new Set(['x'.repeat(10_000)]))).toEqual([
      'Set',
      new Set(['x'.repeat(10_000)]),
    ]);
  });

  it('carries the bytes of streams as bytes', async () => {
    const { client, server } = await pairWith({ codec: v8 }, { codec: v8 });
    server.handle('chunks', async function* () {
      yield Buffer.from('one');
      yield Buffer.from('two');
    });
    const texts: string[] = [];
    for await (const chunk of client.stream('chunks'))
      texts.push(Buffer.from(chunk as Uint8Array).toString());
    expect(texts).toEqual(['one', 'two']);
  });

  it('is known by its name once it was registered, unless a server leaves it out', async () => {
    registerCodec({ ...v8, name: 'by-name' });
    const known = await pairWith({}, { codec: 'by-name' });
    expect((await known.client.request('kind', new Set()))[0]).toBe('Set');
    const left = await pairWith({ codecs: ['msgpack'] }, { codec: 'by-name' });
    expect((await left.client.request('kind', new Set()))[0]).toBe('Object');
  });

  it('continues in JSON with a server that does not know it', async () => {
    const codec = { ...v8, name: 'client-only' };
    const { client } = await pairWith({ codecs: [] }, { codec });
    expect((await client.request('kind', new Set()))[0]).toBe('Object');
  });

  it('obeys config.maxMessageSize', async () => {
    const { client, server } = await pairWith(
      { codec: v8, maxMessageSize: 1000 },
      { codec: v8, maxMessageSize: 1000, stopRetrying: true },
    );
    await client.ping();
    expect(() => client.emit('event', 'x'.repeat(1000))).toThrow(ipcError('ERR_IPC_TOO_LARGE'));
    const generous = local.connect(server, { codec: v8, stopRetrying: true });
    await generous.ping();
    const reported = once(server, 'error');
    generous.emit('event', 'x'.repeat(2000));
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_TOO_LARGE'));
  });

  it('may throw when it decodes, which loses only that frame', async () => {
    let fails = false;
    const codec: CustomCodec = {
      name: 'moody',
      encode,
      decode: (bytes) => {
        if (fails) throw new Error('no mood');
        return decode(bytes);
      },
    };
    const { client, server } = await pairWith({ codec }, { codec });
    await client.ping();
    const reported = once(server, 'error');
    fails = true;
    client.emit('event', 'lost');
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_DECODE', 'A frame is not moody'));
    fails = false;
    expect(await client.request('kind', 'x')).toEqual(['String', 'x']);
  });

  it('is refused if it is only a name, and in a dialect that has codecs of its own', () => {
    for (const codec of [{}, { name: 'x' }, { name: 'x', encode }, 5, null]) {
      const ipc = freshIPC({ codec: codec as never });
      expect(() => ipc.connectTo('world', '/nowhere')).toThrow(
        ipcError('ERR_IPC_CONFIG', '{ name, encode, decode }'),
      );
    }
    const ipc = freshIPC({ codec: v8, dialect: 'net-ipc' });
    expect(() => ipc.connectTo('world', '/nowhere')).toThrow(
      ipcError('ERR_IPC_CONFIG', "config.dialect = 'json'"),
    );
    const raw = freshIPC({ codec: v8, rawBuffer: true });
    expect(() => raw.connectTo('world', '/nowhere')).toThrow(ipcError('ERR_IPC_CONFIG', 'config.rawBuffer'));
  });

  it('is refused if it has the name of a codec of this package', () => {
    const ipc = freshIPC({ codec: { ...v8, name: 'json' } });
    expect(() => ipc.connectTo('world', '/nowhere')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
  });

  it('is not loaded by a server that was given no codec', async () => {
    const server: Server = await local.serve({ codec: { ...v8, name: 'of the server' } });
    const client = local.connect(server);
    server.handle('kind', (data) => data.constructor.name);
    expect(await client.request('kind', new Set())).toBe('Object');
  });
});
