import { readFileSync } from 'node:fs';
import { once } from '../support/events.js';
import { local, type Settings } from '../support/instances.js';
import { barePeer } from '../support/peers.js';
import { inProject } from '../support/project.js';

/** An exchange of docs/wire.md: the bytes that go to the server, and those that it must answer. */
interface Exchange {
  readonly name: string;
  readonly lines: readonly (readonly [direction: string, text: string])[];
}

const page = readFileSync(inProject('docs/wire.md'), 'utf8');
const exchanges: Exchange[] = [...page.matchAll(/^```wire (\S+)\n(.*?)^```$/gms)].map(
  ([, name = '', text = '']) => ({
    name,
    lines: [...text.matchAll(/^(->|<-) (.*)$/gm)].map(
      ([, direction = '', line = '']) => [direction, line] as const,
    ),
  }),
);

const settings: Record<string, Settings> = {
  hello: { authorize: (credentials) => credentials === 'swordfish' },
  'length-prefixed': { rawBuffer: true, framing: 'length-prefixed' },
};

/** Stands for text that the page does not show. */
const ANYTHING = /…/;

function bytesOf(line: string): Buffer {
  const parts = line.split(/«([0-9A-F]{2})»/);
  return Buffer.concat(parts.map((part, index) => Buffer.from(part, index % 2 === 1 ? 'hex' : 'utf8')));
}

/** Whether bytes begin as a line of the page says; how many of them do. */
function lengthOf(line: string, bytes: Buffer): number | undefined {
  const [start = '', end] = line.split(ANYTHING);
  const first = bytesOf(start);
  if (!bytes.subarray(0, first.length).equals(first)) return undefined;
  if (end === undefined) return first.length;
  const last = bytesOf(end);
  const at = bytes.indexOf(last, first.length);
  return at === -1 ? undefined : at + last.length;
}

async function server(name: string) {
  const served = await local.serve(settings[name] ?? {});
  if (served.config.rawBuffer) {
    served.on('data', (bytes, socket) => served.emit(socket, bytes));
    return served;
  }
  served.handle('add', ([a, b]: [number, number]) => a + b);
  served.handle('divide', () => {
    throw new RangeError('division by zero');
  });
  served.handle('count', async function* (to: number) {
    for (let n = 1; n <= to; n++) yield n;
  });
  served.handle('total', async (currency: string, _socket, { body }) => {
    let sum = 0;
    for await (const amount of body) sum += Number(amount);
    return `${sum} ${currency}`;
  });
  served.handle('break', async function* () {
    yield 1;
    throw new RangeError('no more');
  });
  return served;
}

describe('The exchanges of docs/wire.md', () => {
  for (const { name, lines } of exchanges) {
    it(`match what our server sends byte for byte: ${name}`, async () => {
      const peer = await barePeer(await server(name));
      let read = 0;
      for (const [direction, line] of lines) {
        if (direction === '->') {
          peer.write(bytesOf(line));
          continue;
        }
        const whole = () => lengthOf(line, peer.bytes.subarray(read)) !== undefined;
        await peer.until(whole, line);
        read += lengthOf(line, peer.bytes.subarray(read)) ?? 0;
      }
      expect(peer.bytes.length).toBe(read);
    });
  }

  it('show a valid event, and a bye with its reason', async () => {
    const served = await server('event');
    const peer = await barePeer(served);
    const moved = once(served, 'move');
    const gone = once(served, 'disconnect');
    for (const wanted of ['event', 'bye']) {
      for (const [, line] of exchanges.find(({ name }) => name === wanted)?.lines ?? []) {
        peer.write(bytesOf(line.replace('message', 'move')));
      }
    }
    peer.socket.end();
    expect((await moved)[0]).toBe('hello');
    expect((await gone)[1]).toEqual(jasmine.objectContaining({ reason: 'done for today', reconnect: false }));
  });
});
