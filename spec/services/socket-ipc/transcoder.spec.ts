import { defaults } from '../../../entities/config.js';
import type { Packet } from '../../../entities/packet.js';
import { BytePipe } from '../../../lib/pipes/byte-pipe.js';
import { DecodeError } from '../../../services/socket-ipc/errors.js';
import {
  type DecodedCallback,
  JsonTopics,
  TranscodedTopics,
  type Transcoder,
} from '../../../services/socket-ipc/transcoder.js';
import { Reader } from '../../lib/dialects/decoding.js';
import { once } from '../../support/events.js';
import { Listening } from '../../support/pipes.js';
import { socketPair } from '../../support/sockets.js';

const limits = { maxMessageSize: 100, maxDepth: 500 };

describe('JsonTopics', () => {
  it('writes the frames of socket-ipc, for any name', () => {
    const topics = new JsonTopics();
    const frames = [
      topics.encode({ type: 'hello', data: 'world' }),
      topics.encode({ type: 'ipc:publish', data: undefined }),
    ];
    expect(frames).toEqual(['{"topic":"hello","message":"world"}\0\0', '{"topic":"ipc:publish"}\0\0']);
  });

  it('reports an invalid frame as a DecodeError that contains it', () => {
    const packets: Packet[] = [];
    const frame = 'x'.repeat(90);
    new Reader(new JsonTopics().decoder(limits)).push(
      Buffer.from(`${frame}\0\0`),
      (packet) => packets.push(packet) > 0,
    );
    const error = packets[0]?.error as DecodeError;
    expect(error).toBeInstanceOf(DecodeError);
    expect(error.rawData).toBe(frame);
  });
});

describe('TranscodedTopics', () => {
  /** Each chunk is a message; `decode` is what came last. */
  let decode: { chunk: unknown; callback: DecodedCallback };

  const topics = new TranscodedTopics({
    socketEncoding: 'utf8',
    createEncoder: () => () => {},
    createDecoder: () => (chunk, callback) => {
      decode = { chunk, callback };
    },
  });

  it('sends the output of the encoder unchanged', () => {
    expect(topics.encode({ type: 'x', data: 'text' })).toBe('text');
    expect(topics.encode({ type: 'x', data: new Uint8Array([1, 2]) })).toEqual(Buffer.from([1, 2]));
  });

  it('does not split a character', () => {
    const decoder = new Reader(topics.decoder(limits));
    const bytes = Buffer.from('ä');
    decoder.push(bytes.subarray(0, 1), () => true);
    expect(decode.chunk).toBe('');
    decoder.push(bytes.subarray(1), () => true);
    expect(decode.chunk).toBe('ä');
  });

  it('keeps messages until they are requested', () => {
    let woken = 0;
    const transcoded = topics.decoder(limits);
    transcoded.wake = () => woken++;
    const decoder = new Reader(transcoded);
    const seen: string[] = [];
    let wanted = false;
    const deliver = ({ type }: Packet) => {
      seen.push(type);
      return wanted;
    };
    decoder.push(Buffer.from('x'), deliver);
    decode.callback(null, [
      { topic: 'a', message: 1 },
      { topic: 'b', message: 2 },
    ]);
    expect([seen, woken]).toEqual([[], 1]);
    decoder.push(Buffer.alloc(0), deliver);
    expect(seen).toEqual(['a']);
    wanted = true;
    decoder.push(Buffer.alloc(0), deliver);
    expect(seen).toEqual(['a', 'b']);
    expect([decoder.buffered, decoder.end()]).toEqual([0, undefined]);
  });
});

describe('An asynchronous transcoder', () => {
  it('delivers nothing while its connection is paused, and everything in order afterwards', async () => {
    const jobs: (() => void)[] = [];
    const transcoder: Transcoder = {
      createEncoder: () => (_wrapper, callback) => callback(null, 'x'),
      createDecoder: () => (chunk: Buffer, callback) => {
        const messages = [...chunk].map((_, message) => ({ topic: 'n', message }));
        jobs.push(() => callback(null, messages));
      },
    };
    const { socket, peer } = await socketPair();
    const listener = new Listening();
    const delivered = () => listener.packets.map(({ data }) => data);
    const pipe = new BytePipe(socket, new TranscodedTopics(transcoder), defaults(), listener);
    peer.write('abc');
    await once(socket, 'data');
    pipe.pause();
    jobs.shift()?.();
    expect(delivered()).toEqual([]);
    pipe.resume();
    expect(delivered()).toEqual([0, 1, 2]);
    peer.write('de');
    peer.socket.end();
    await once(socket, 'close');
    jobs.shift()?.();
    expect(delivered()).toEqual([0, 1, 2, 0, 1]);
  });

  it('delivers messages that it decodes within a handler when that has returned', async () => {
    let callback: DecodedCallback | undefined;
    const transcoder: Transcoder = {
      createEncoder: () => (_wrapper, encoded) => encoded(null, 'x'),
      createDecoder: () => (_chunk, decoded) => {
        callback = decoded;
        decoded(null, [{ topic: 'n', message: 'first' }]);
      },
    };
    const { socket, peer } = await socketPair();
    const order: unknown[] = [];
    const listener = Object.assign(new Listening(), {
      packet: ({ data }: Packet) => {
        order.push(data);
        if (data === 'first') callback?.(null, [{ topic: 'n', message: 'second' }]);
        order.push(`${data} is over`);
      },
    });
    new BytePipe(socket, new TranscodedTopics(transcoder), defaults(), listener);
    peer.write('x');
    await once(socket, 'data');
    expect(order).toEqual(['first', 'first is over', 'second', 'second is over']);
  });
});
