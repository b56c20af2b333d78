import { type Check, Failure, isEvent, type Level, Skipped } from '../trial.js';
import { DELIMITER, type Wire } from '../wire.js';

/** What a hostile or broken peer might send. The program may close that connection, but it must not crash. */
const ATTACKS: readonly (readonly [name: string, ...chunks: (string | Uint8Array)[]])[] = [
  [
    'frames that are not JSON',
    frames('nonsense', '{"type":"echo"', '{"type":"echo","data":}', '{}{}', "{'type':1}"),
  ],
  ['frames that are not objects', frames('null', '[]', '5', '"text"', 'true')],
  [
    'frames without a name that is a string',
    frames('{}', '{"data":1}', '{"type":5}', '{"type":{"a":1}}', '{"type":null}'),
  ],
  ['empty frames and a byte order mark', '\ufeff', DELIMITER.repeat(1000), ' \n'],
  [
    'bytes that are not UTF-8',
    Buffer.from([0xff, 0xfe, 0x80, 0x0c]),
    text('{"type":"echo2","data":"', 0xc3, '"}'),
    text('{"type":"e', 0xed, 0xa0, 0x80, '"}'),
  ],
  ['lone surrogates', frames(String.raw`{"type":"x\ud800","data":"\udc00\ud800"}`)],
  [
    'names of properties that all objects have',
    frames(
      ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'].flatMap((name) => [
        `{"type":"${name}","data":1}`,
        `{"type":"echo2","data":{"${name}":{"polluted":true}},"${name}":1}`,
      ]),
    ),
  ],
  [
    'names of lifecycle events',
    frames(
      ...[
        'error',
        'connect',
        'disconnect',
        'close',
        'start',
        'destroy',
        'data',
        'end',
        '*',
        'socket.disconnected',
      ].map((name) => `{"type":"${name}","data":"hostile"}`),
    ),
  ],
  [
    'data that nest 100,000 levels deep',
    frames(`{"type":"echo2","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  ],
  [
    '100,000 objects that are opened and not closed',
    frames(`{"type":"echo2","data":${'{"a":'.repeat(100_000)}`),
  ],
  ['a name of 1,000,000 characters', frames(`{"type":"${'n'.repeat(1_000_000)}","data":1}`)],
  [
    'numbers out of range',
    frames(
      '{"type":"echo2","data":1e999999}',
      `{"type":"echo2","data":${'9'.repeat(5000)}}`,
      '{"type":"echo2","data":-0.0e-999}',
    ),
  ],
  [
    'values that are not JSON',
    frames(
      '{"type":"echo2","data":NaN}',
      '{"type":"echo2","data":Infinity}',
      '{"type":"echo2","data":undefined}',
      '{"type":"echo2","data":01}',
      '{"type":"echo2","data":"\t"}',
    ),
  ],
  [
    'invalid answers and errors',
    frames(
      '{"type":"a","re":{}}',
      '{"type":"a","re":null,"data":1}',
      '{"type":"a","error":5}',
      '{"type":"a","re":1,"error":5}',
      '{"type":"a","re":1,"error":{"message":{}}}',
      '{"type":"a","re":1e300}',
      '{"type":"a","id":{},"data":1}',
      '{"type":"a","id":[],"re":[]}',
    ),
  ],
  [
    'invalid control packets',
    frames(
      '{"type":"ipc:hello","data":5}',
      '{"type":"ipc:hello","data":{"session":{},"codecs":"x","compress":[]}}',
      '{"type":"ipc:welcome","data":null}',
      '{"type":"ipc:publish"}',
      '{"type":"ipc:publish","data":{"topic":{}}}',
      '{"type":"ipc:message","data":7}',
      '{"type":"ipc:message","data":{"topic":5}}',
      '{"type":"ipc:subscribe","data":{"a":1}}',
      '{"type":"ipc:nothing","data":1}',
      '{"type":"ipc:credit","data":1,"re":1}',
      '{"type":"ipc:cancel","re":"x"}',
      '{"type":"ipc:","data":1}',
    ),
  ],
  [
    'invalid byes',
    frames(
      '{"type":"ipc:bye","data":null}',
      '{"type":"ipc:bye","data":{"reason":{"a":[1]},"reconnect":"x"}}',
    ),
  ],
  [
    '10,000 pings whose answers are not read',
    frames(...Array.from({ length: 10_000 }, (_, i) => `{"type":"ipc:ping","id":${i + 1_000_000}}`)),
  ],
];

function frames(...texts: string[]): string {
  return texts.map((one) => one + DELIMITER).join('');
}

/** A frame that contains bytes which are not valid UTF-8. */
function text(...parts: (string | number)[]): Buffer {
  const bytes = parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part)));
  return Buffer.concat([...bytes, Buffer.from(DELIMITER)]);
}

function attack([name, ...chunks]: (typeof ATTACKS)[number]): Check {
  return {
    name: `it survives ${name}`,
    async run(trial) {
      const wire = trial.role === 'server' ? await trial.fresh() : await trial.wire();
      for (const chunk of chunks) wire.write(chunk);
      await trial.isAlive(wire);
      if (trial.role === 'server') wire.destroy();
    },
  };
}

/** Writes in chunks, so that the other side can close the connection before everything is written. */
async function writeSlowly(wire: Wire, size: number): Promise<void> {
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let sent = 0; sent < size && wire.open; sent += piece.length) {
    wire.write(piece);
    await new Promise(setImmediate);
  }
}

const MARGIN = 256 * 1024;

export const hostile: Level = {
  name: 'hostile input',

  async probe() {
    return undefined;
  },

  checks: [
    ...ATTACKS.map(attack),
    {
      name: 'of two members with the same name, the last one applies',
      async run(trial) {
        if (!trial.echoes) throw new Skipped('it does not echo events');
        const wire = await trial.wire();
        wire.write(frames('{"type":"note","type":"echo","data":"first","data":"last"}'));
        const { data } = await trial.take(wire, isEvent('echo'), 'the echo');
        if (data !== 'last') throw new Failure('another one was applied');
      },
    },
    {
      name: 'the frame after a malformed frame is read',
      async run(trial) {
        if (!trial.echoes) throw new Skipped('it does not echo events');
        const wire = await trial.fresh();
        wire.write(frames('nonsense', '{"type":"echo","data":"next"}'));
        if ((await wire.receive(isEvent('echo'), trial.timeout)) === undefined)
          throw new Failure('it was not read');
      },
    },
    {
      name: 'a connection that ends inside a frame, or is reset, does not affect others',
      async run(trial) {
        for (const leave of ['end', 'destroy'] as const) {
          const wire = await trial.fresh();
          wire.write('{"type":"echo","data":"never fini');
          wire[leave]();
          if (trial.role === 'client') wire.destroy();
          await trial.isAlive(await trial.wire());
        }
      },
    },
    {
      name: 'an HTTP request ends its connection, and events in its body are ignored',
      role: 'server',
      async run(trial) {
        if (!trial.echoes) throw new Skipped('it does not echo events');
        const body = `${DELIMITER}{"type":"echo","data":"from a web page"}${DELIMITER}`;
        for (const path of ['/', `/${'x'.repeat(8000)}`]) {
          const wire = await trial.fresh();
          wire.write(
            `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          );
          wire.send({ type: 'ipc:ping', data: {}, id: 1 });
          const heard = await wire.receive(({ type, re }) => type === 'echo' || re === 1, trial.timeout);
          if (heard !== undefined)
            throw new Failure(
              'it read an event from the body of an HTTP request, which any web page can make a browser send',
            );
          wire.destroy();
        }
      },
    },
    {
      name: 'a frame that is too long ends the connection, after a bye',
      async run(trial) {
        if (trial.maxSize === 0) throw new Skipped('--max-size is not set');
        const wire = await trial.fresh();
        if (trial.pings) await trial.request(wire, 'ipc:ping', {});
        wire.write('{"type":"echo2","data":"');
        await writeSlowly(wire, trial.maxSize + MARGIN);
        if (!(await wire.ends(trial.timeout)))
          throw new Failure('it accepts frames that are longer than --max-size');
        if (trial.pings && !wire.has(isEvent('ipc:bye'))) throw new Failure('it sent no bye with the reason');
        await trial.isAlive(wire);
      },
    },
  ],
};
