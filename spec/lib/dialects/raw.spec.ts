import { RawDialect } from '../../../lib/dialects/raw.js';
import { codeThrown, LIMITS, NOTHING, Reader, read } from './decoding.js';

const raw = new RawDialect('utf8');

describe('The raw dialect', () => {
  it('delivers each chunk as it came, and nothing for an empty one', () => {
    const chunks = [Buffer.from('one'), NOTHING, Buffer.from([0, 255]), Buffer.from('{"type":"x"}\f')];
    expect(read(raw.decoder(LIMITS), chunks).packets).toEqual(
      chunks.filter(({ length }) => length > 0).map((data) => ({ type: 'data', data })),
    );
  });

  it('delivers chunks without a copy', () => {
    const chunk = Buffer.from('bytes');
    let got: unknown;
    new Reader(raw.decoder(LIMITS)).push(chunk, ({ data }) => {
      got = data;
      return true;
    });
    expect(got).toBe(chunk);
  });

  it('has no limit, since it does not know what a message is', () => {
    expect(
      read(raw.decoder({ maxMessageSize: 1, maxDepth: 500 }), [Buffer.alloc(100)]).error,
    ).toBeUndefined();
  });

  it('writes bytes unchanged, and texts and lists by the encoding', () => {
    const bytesOf = (data: unknown, dialect = raw) => [...(dialect.encode({ type: 'data', data }) as Buffer)];
    expect(bytesOf(Buffer.from([1, 0, 255]))).toEqual([1, 0, 255]);
    expect(bytesOf([1, 2, 256])).toEqual([1, 2, 0]);
    expect(bytesOf(new Uint16Array([0x0201, 0x0403]).subarray(1))).toEqual([3, 4]);
    expect(bytesOf('é')).toEqual([0xc3, 0xa9]);
    expect(bytesOf('00ff', new RawDialect('hex'))).toEqual([0, 255]);
    expect(bytesOf('é', new RawDialect('latin1'))).toEqual([0xe9]);
  });

  it('refuses data that is not bytes, and packets that are more than bytes', () => {
    for (const data of [undefined, null, 5, Symbol('x')]) {
      expect(codeThrown(() => raw.encode({ type: 'data', data }))).toBe('ERR_IPC_ENCODE');
    }
    expect(codeThrown(() => raw.encode({ type: 'ask', data: '' }))).toBe('ERR_IPC_UNSUPPORTED');
    expect(codeThrown(() => raw.encode({ type: 'data', data: '', id: 1 }))).toBe('ERR_IPC_UNSUPPORTED');
  });

  it('agrees to no other dialect', () => {
    expect(raw.negotiated({ codec: 'msgpack', compress: true }, LIMITS)).toBe(raw);
    expect(raw.capabilities.sharedEncoding).toBeTrue();
  });
});
