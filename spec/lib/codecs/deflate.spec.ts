import { setImmediate as turn } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { Deflater, Inflater } from '../../../lib/codecs/deflate.js';
import { leastGrowth } from '../../support/memory.js';
import { codeThrown, LIMITS } from '../dialects/decoding.js';

const MEBIBYTE = 1024 * 1024;

describe('Raw deflate with one context for a connection', () => {
  it('gives back the bodies in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 10 }), (bodies) => {
        const [deflater, inflater] = [new Deflater(), new Inflater(LIMITS)];
        const deflated = bodies.map((body) => deflater.deflate(Buffer.from(body)));
        expect(deflated.map((body) => Buffer.from(inflater.inflate(body)))).toEqual(
          bodies.map((body) => Buffer.from(body)),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('flushes each body, and uses earlier bodies as its dictionary', () => {
    const deflater = new Deflater();
    const body = Buffer.from('{"type":"message","data":"something that is said twice"}');
    const [first, second] = [deflater.deflate(body), deflater.deflate(body)];
    expect(first.subarray(-4).toString('hex')).toBe('0000ffff');
    expect(second.length).toBeLessThan(15);
    expect(new Inflater(LIMITS).inflate(first)).toEqual(body);
  });

  it('inflates up to the limit, and not a byte more', () => {
    for (const limit of [1, 1000, 16_384, 100_000]) {
      const inflate = (size: number) => {
        const inflater = new Inflater({ maxMessageSize: limit, maxDepth: 500 });
        return inflater.inflate(new Deflater().deflate(Buffer.alloc(size, 'x'))).length;
      };
      expect(inflate(limit)).toBe(limit);
      expect(codeThrown(() => inflate(limit + 1))).toBe('ERR_IPC_TOO_LARGE');
    }
  });

  it('stops a bomb before it takes more memory than the limit', () => {
    const bomb = new Deflater().deflate(Buffer.alloc(96 * MEBIBYTE));
    expect(bomb.length).toBeLessThan(MEBIBYTE);
    const grown = leastGrowth(() => {
      const inflater = new Inflater({ maxMessageSize: 8 * MEBIBYTE, maxDepth: 500 });
      expect(codeThrown(() => inflater.inflate(bomb))).toBe('ERR_IPC_TOO_LARGE');
    });
    expect(grown).toBeLessThan(64 * MEBIBYTE);
  });

  it('accepts any limit that config accepts', () => {
    for (const maxMessageSize of [1.5, Number.POSITIVE_INFINITY, 2 ** 60]) {
      const inflater = new Inflater({ maxMessageSize, maxDepth: 500 });
      expect(inflater.inflate(new Deflater().deflate(Buffer.from('x'))).toString()).toBe('x');
    }
  });

  it('fails if the bytes are not deflate', () => {
    for (const bytes of ['ffffff', '06', '0100000000'].map((hex) => Buffer.from(hex, 'hex'))) {
      expect(codeThrown(() => new Inflater(LIMITS).inflate(bytes))).toBe('ERR_IPC_PROTOCOL');
    }
  });

  it('raises no error event without a listener, which would end the process', async () => {
    const uncaught: unknown[] = [];
    const take = (error: unknown) => uncaught.push(error);
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', take);
    try {
      const inflater = new Inflater(LIMITS);
      expect(codeThrown(() => inflater.inflate(Buffer.from([7])))).toBe('ERR_IPC_PROTOCOL');
      expect(
        codeThrown(() =>
          new Inflater({ maxMessageSize: 1, maxDepth: 500 }).inflate(new Deflater().deflate(Buffer.alloc(9))),
        ),
      ).toBe('ERR_IPC_TOO_LARGE');
      await turn();
      await turn();
    } finally {
      process.off('uncaughtException', take);
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    expect(uncaught).toEqual([]);
  });

  it('results in bytes or in an IPCError for any input', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    const mended = fc.tuple(bytes, fc.nat(), fc.nat(255)).map(([body, at, byte]) => {
      const deflated = deflateRawSync(body);
      deflated[at % deflated.length] = byte;
      return deflated;
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, mended), { maxLength: 4 }), (bodies) => {
        const inflater = new Inflater({ maxMessageSize: 1000, maxDepth: 500 });
        const code = codeThrown(() => {
          for (const body of bodies)
            expect(inflater.inflate(Buffer.from(body)).length).toBeLessThanOrEqual(1000);
        });
        expect([undefined, 'ERR_IPC_PROTOCOL', 'ERR_IPC_TOO_LARGE']).toContain(code);
      }),
      { numRuns: 200 },
    );
  });
});
