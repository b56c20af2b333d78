import { Failure, isEvent, type Level, same } from '../trial.js';
import { DELIMITER } from '../wire.js';

/** Every kind of JSON value, and texts that reveal incorrect escaping. */
const VALUES: readonly unknown[] = [
  true,
  -1,
  1.5,
  9007199254740991,
  1e21,
  'text',
  [],
  {},
  [[[]], { a: { b: [1, '2', null] } }],
  { '': 1, type: 'inner', data: 'inner', id: 'label' },
];

/** Falsy data, which an implementation must not confuse with missing data. */
const FALSY: readonly unknown[] = [null, false, 0, ''];

const TEXTS: readonly string[] = [
  'hëllo ☕ 😀 漢字',
  'form feed \f, newline \n, tab \t, quote ", backslash \\, slash /',
  '\u0000\u0001\u001f\u007f\u0080',
  '\u2028\u2029\ufeff\ufffd',
];

const MANY = 200;
const LONG = 1024 * 1024;

function frame(data: unknown): string {
  return JSON.stringify({ type: 'echo', data }) + DELIMITER;
}

export const events: Level = {
  name: 'events',

  async probe(trial) {
    const wire = await trial.wire();
    wire.send({ type: 'echo', data: 'probe' });
    if ((await wire.receive(isEvent('echo'), trial.timeout)) === undefined)
      return "it does not echo the event 'echo'";
    trial.echoes = true;
    return undefined;
  },

  checks: [
    {
      name: 'objects, arrays, strings and numbers arrive as they were sent',
      async run(trial) {
        for (const value of VALUES) await trial.echo(await trial.wire(), value);
      },
    },
    {
      name: 'null, false, 0 and the empty string arrive as they were sent',
      async run(trial) {
        for (const value of FALSY) await trial.echo(await trial.wire(), value);
      },
    },
    {
      name: 'strings with control characters, delimiters and emoji arrive as they were sent',
      async run(trial) {
        for (const text of TEXTS) await trial.echo(await trial.wire(), { [text]: text });
      },
    },
    {
      name: 'all frames of one chunk arrive, in order',
      async run(trial) {
        const wire = await trial.wire();
        let bytes = '';
        for (let i = 0; i < MANY; i++) bytes += frame(i);
        wire.write(bytes);
        for (let i = 0; i < MANY; i++) {
          same((await trial.take(wire, isEvent('echo'), `the echo of frame ${i}`)).data, i);
        }
      },
    },
    {
      name: 'a frame in chunks of one byte, which split its characters, arrives',
      async run(trial) {
        const wire = await trial.wire();
        for (const byte of Buffer.from(frame('hëllo ☕ 😀'))) {
          wire.write(Uint8Array.of(byte));
          await new Promise(setImmediate);
        }
        same((await trial.take(wire, isEvent('echo'), 'the echo')).data, 'hëllo ☕ 😀');
      },
    },
    {
      name: 'a frame of 1 MiB arrives',
      async run(trial) {
        const wire = await trial.wire();
        const text = 'é'.repeat(LONG / 2);
        wire.write(frame(text));
        const { data } = await trial.take(wire, isEvent('echo'), 'the echo of 1 MiB');
        if (data !== text) throw new Failure('the echo of 1 MiB differs from what was sent');
      },
    },
    {
      name: 'members in any order, white space and unknown members are accepted',
      async run(trial) {
        const wire = await trial.wire();
        wire.write(` { "more" : [ 1 ] ,\n\t"data":"found", "type" : "echo" } ${DELIMITER}`);
        same((await trial.take(wire, isEvent('echo'), 'the echo')).data, 'found');
      },
    },
    {
      name: 'escapes in a name and in data are decoded',
      async run(trial) {
        const wire = await trial.wire();
        wire.write(String.raw`{"type":"\u0065cho","data":"\ud83d\ude00\/\u000c"}` + DELIMITER);
        same((await trial.take(wire, isEvent('echo'), 'the echo')).data, '😀/\f');
      },
    },
    {
      name: 'an event without data arrives',
      async run(trial) {
        const wire = await trial.wire();
        wire.write(`{"type":"echo"}${DELIMITER}`);
        const { data } = await trial.take(wire, isEvent('echo'), 'the echo');
        if (data !== undefined && data !== null) same(data, {});
      },
    },
    {
      name: 'a packet with an id is an event if its sender has used no addition of the protocol',
      async run(trial) {
        const wire = await trial.fresh();
        wire.write(`{"type":"note","data":2,"id":7}${DELIMITER}`);
        same((await trial.take(wire, isEvent('noted'), "the 'noted' event")).data, 2);
        await trial.echo(wire, 'after');
        if (wire.has(({ re }) => re !== undefined))
          throw new Failure('it answered an event as if it were a request');
      },
    },
  ],
};
