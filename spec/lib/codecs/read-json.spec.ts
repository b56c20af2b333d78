import fc from 'fast-check';
import { readJSON, rereadJSON } from '../../../lib/codecs/read-json.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { NetIpcDialect } from '../../../services/net-ipc/dialect.js';
import { TopicDialect } from '../../../services/socket-ipc/dialect.js';
import { bytesOf, jsonValue, LIMITS, RUNS, read } from '../dialects/decoding.js';

/** Keys with a backslash, and others whose escapes begin as those are. */
const ALIKE = [
  ['\\', '\n'],
  ['\\', '"'],
  ['a\\', 'a\t'],
  ['\\n', '\nx'],
  ['\\u', '\0x'],
  ['\\\\', '\\x'],
  ['\\\\srv', '\\srvx'],
] as const;

describe('JSON from outside', () => {
  it('has the keys of its text, whatever keys have been read before', () => {
    for (const [i, [before, after]] of ALIKE.entries()) {
      for (const around of [
        (key: string) => ({ [`key ${i}`]: 0, [key]: 1 }),
        (key: string) => ({ [key]: 1, [`key ${i}`]: [0] }),
        (key: string) => [[{ list: { i, [key]: { [key]: 1 } } }]],
      ]) {
        expect(readJSON(JSON.stringify(around(before)))).toEqual(around(before));
        expect(readJSON(JSON.stringify(around(after)))).toEqual(around(after));
      }
    }
  });

  it('has them in every dialect that is JSON, in events of a known kind and beside long texts', () => {
    for (const dialect of [
      new NodeIpcDialect('\f'),
      new TopicDialect(),
      new NetIpcDialect({ role: 'client', topics: false }),
    ]) {
      for (const text of ['short', 'long'.repeat(50_000)]) {
        const packets = ALIKE.flatMap((keys, i) =>
          keys.map((key) => ({
            type: 'message',
            data: { text, rest: { [`${dialect.name} ${i}`]: text.length, [key]: [] } },
          })),
        );
        const decoder = dialect.decoder(LIMITS);
        expect(read(decoder, [bytesOf(dialect, ...packets)]).packets)
          .withContext(`${dialect.name}, ${text.length}`)
          .toEqual(packets);
      }
    }
  });

  it('is the same when every string of it is read by itself', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom('', '\t', '\r\n '), (value, space) => {
        expect(rereadJSON(`${space}${JSON.stringify(value, null, space)}${space}`)).toEqual(value);
      }),
      RUNS,
    );
  });

  it('is then what JSON.parse makes of keys that come twice, and of what no JSON.stringify writes', () => {
    for (const json of [
      '{"a":1,"b":2,"a":3}',
      '{"__proto__":{"x":1},"constructor":[]}',
      '{"2":0,"b":1,"1":2}',
      ' [ 1e5 , -0 , "\\u0041\\/\\ud800" , [ ] , { } , "," ] ',
      '"\\\\\\""',
      '-1.5e-7',
    ]) {
      const [read, parsed] = [rereadJSON(json), JSON.parse(json)];
      expect(read).toEqual(parsed);
      expect(JSON.stringify(read)).toBe(JSON.stringify(parsed));
    }
  });
});
