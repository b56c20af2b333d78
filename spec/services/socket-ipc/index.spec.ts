import { createServer } from 'node:net';
import type { IPCError } from '../../../entities/errors.js';
import type { Transcoder } from '../../../services/socket-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { Sides, socketOf } from './sides.js';

describe('socket-ipc with a transcoder', () => {
  const sides = new Sides();
  const { makeClient, serve, introduce } = sides;

  /** Lines of `TOPIC MESSAGE`, in hexadecimal; messages that begin with `-` are kept back, with `!` refused. */
  function lines(socketEncoding: BufferEncoding | undefined, later = false): Transcoder {
    return {
      socketEncoding,
      createEncoder() {
        return ({ topic, message }, callback) => {
          const text = String(message);
          const act = () => {
            if (text.startsWith('!')) callback(new Error(`refused ${text}`));
            else callback(null, text.startsWith('-') ? null : Buffer.from(`${topic} ${text}\n`));
          };
          if (later) setImmediate(act);
          else act();
        };
      },
      createDecoder() {
        let held = '';
        return (chunk: string | Buffer, callback) => {
          held += socketEncoding === 'hex' ? Buffer.from(chunk as string, 'hex') : chunk.toString();
          const parts = held.split('\n');
          held = parts.pop() ?? '';
          const wrong = parts.find((part) => !part.includes(' '));
          const messages = parts.map((part) => ({
            topic: part.slice(0, part.indexOf(' ')),
            message: part.slice(part.indexOf(' ') + 1),
          }));
          const act = () => (wrong === undefined ? callback(null, messages) : callback(new Error(wrong)));
          if (later) setImmediate(act);
          else act();
        };
      },
    };
  }

  for (const [what, transcoder] of [
    ['text', lines('utf8')],
    ['another encoding', lines('hex')],
    ['bytes', lines(undefined)],
    ['callbacks that come later', lines('utf8', true)],
  ] as const) {
    it(`sends and receives ${what}`, async () => {
      const server = await serve({ transcoder });
      const [client, id] = await introduce(server, { transcoder });
      const heard = once(server, 'message.b');
      const answered = once(client, 'message.c');
      const all = jasmine.createSpy();
      server.on('message', all);
      client.send('a', 'ä one');
      client.send('a', '-kept back');
      client.send('b', 'two');
      expect(await heard).toEqual(['two', id]);
      expect(all.calls.allArgs()).toEqual([
        ['ä one', 'a', id],
        ['two', 'b', id],
      ]);
      server.broadcast('c', 'three');
      expect(await answered).toEqual(['three']);
    });
  }

  it('speaks JSON if the transcoder is null', async () => {
    const server = await serve({ transcoder: null });
    const [client, id] = await introduce(server, { transcoder: null });
    const heard = once(server, 'message.a');
    client.send('a', { json: true });
    expect(await heard).toEqual([{ json: true }, id]);
  });

  it('reports the error of its encoder', async () => {
    const server = await serve({ transcoder: lines('utf8') });
    const [, id] = await introduce(server, { transcoder: lines('utf8') });
    const errors: Error[] = [];
    server.on('error', (error) => errors.push(error));
    server.send('a', '!1', id);
    server.broadcast('a', '!2');
    expect(errors.map(String)).toEqual(['Error: refused !1', 'Error: refused !2']);
  });

  it('reports the error of its decoder, and ends that connection', async () => {
    const server = await serve({ transcoder: lines('utf8') });
    const [client, id] = await introduce(server, { transcoder: lines('utf8'), reconnectDelay: 60_000 });
    const failed = Promise.all([once(server, 'error'), once(server, 'messageError')]);
    const gone = once(server, 'connectionClose');
    socketOf(client).write('wrong\n');
    const [[error], [same, from]] = await failed;
    expect(String(error)).toBe('Error: wrong');
    expect([same, from]).toEqual([error, id]);
    expect(await gone).toEqual([id]);
  });

  it('ends a connection whose decoder consumes more than maxMessageSize without a message', async () => {
    const server = await serve({ transcoder: lines('utf8'), maxMessageSize: 1000 });
    const [client] = await introduce(server, { transcoder: lines('utf8'), reconnectDelay: 60_000 });
    const failed = once<[IPCError]>(server, 'error');
    socketOf(client).write('x'.repeat(2000));
    expect((await failed)[0].code).toBe('ERR_IPC_TOO_LARGE');
  });

  it('decodes for a client as well', async () => {
    const client = makeClient({ transcoder: lines('utf8'), reconnectDelay: 60_000 });
    const peer = createServer((socket) => {
      socket.write('hi there\n');
      socket.once('data', () => socket.write('wrong\n'));
    });
    peer.listen(sides.socketFile);
    afterwards(() => peer.close());
    const heard = once(client, 'message.hi');
    const failed = once(client, 'messageError');
    const lost = once(client, 'disconnect');
    client.connect();
    expect(await heard).toEqual(['there']);
    client.send('go', 'on');
    expect(String((await failed)[0])).toBe('Error: wrong');
    await lost;
  });
});
