import { Failure, isEvent, type Level, same, shown, type Trial } from '../trial.js';
import type { Frame, Wire } from '../wire.js';

const WINDOW = { items: 64, bytes: 1024 * 1024 };
const ITEM = 'ipc:item';
const CREDIT = 'ipc:credit';

interface Members {
  id?: unknown;
  re?: unknown;
  seq?: unknown;
  item?: unknown;
  base64?: unknown;
  full?: unknown;
  items?: unknown;
  bytes?: unknown;
  type?: unknown;
  data?: unknown;
  body?: unknown;
}

function membersOf({ data }: Frame): Members {
  return typeof data === 'object' && data !== null ? data : {};
}

/** Whether a frame belongs to our call with this id, or answers it. */
function isAbout(id: number): (frame: Frame) => boolean {
  return (frame) => frame.re === id || (String(frame.type).startsWith('ipc:') && membersOf(frame).re === id);
}

/** A call that we make to a stream of the program. */
class Call {
  readonly id: number;
  readonly items: unknown[] = [];
  readonly #trial: Trial;
  readonly #wire: Wire;

  constructor(trial: Trial, wire: Wire, type: string, data: unknown, more: object = {}) {
    this.#trial = trial;
    this.#wire = wire;
    this.id = trial.nextId();
    this.say('ipc:stream', { type, data, ...WINDOW, ...more });
  }

  /** Sends a packet about the call. */
  say(type: string, data: object): void {
    if (type === 'ipc:stream') this.#wire.send({ type, data, id: this.id });
    else this.#wire.send({ type, data: { id: this.id, ...data } });
  }

  /** Receives the next frame about the call. */
  next(what: string): Promise<Frame> {
    return this.#trial.take(this.#wire, isAbout(this.id), what);
  }

  /** Receives the credit that accepts the call. */
  async accepted(): Promise<void> {
    const frame = await this.next('the credit that accepts the call');
    if (frame.type !== CREDIT)
      throw new Failure(`the program sent ${shown(frame)} before the credit that accepts the call`);
    same(membersOf(frame).seq, 0);
  }

  /** Receives the given number of items. */
  async take(count: number): Promise<Members> {
    let last: Members = {};
    while (this.items.length < count) {
      const frame = await this.next(`item ${this.items.length + 1}`);
      if (frame.type === CREDIT) continue;
      if (frame.type !== ITEM)
        throw new Failure(`the program sent ${shown(frame)} instead of item ${this.items.length + 1}`);
      last = membersOf(frame);
      same(last.seq, this.items.length + 1);
      this.items.push(last.item);
    }
    return last;
  }

  /** Receives the frame that ends the call. */
  async end(): Promise<Frame> {
    for (;;) {
      const frame = await this.next('the end of the stream');
      if (frame.type === CREDIT || frame.type === 'ipc:cancel') continue;
      if (frame.re === this.id) return frame;
      throw new Failure(`the program sent ${shown(frame)} instead of the end of the stream`);
    }
  }

  /** Waits until the program grants credit for items of the body. */
  async granted(): Promise<void> {
    for (;;) {
      const { type, data } = await this.next('credit for the body');
      if (type === CREDIT && Number((data as Members).items) > 0) return;
    }
  }

  /** Checks that no further frame arrives. */
  async isQuiet(): Promise<void> {
    await this.#trial.request(this.#wire, 'ipc:ping', {});
    const late = this.#wire.has((frame) => frame.type === ITEM && membersOf(frame).re === this.id);
    if (late) throw new Failure('an item arrived without credit');
  }
}

/** Makes the program call a stream of ours, and receives that call. */
async function called(
  trial: Trial,
  wire: Wire,
  type: string,
  data: unknown,
  body?: unknown[],
): Promise<Frame> {
  wire.send({ type: 'call', data: { type, data, ...(body !== undefined && { body }) } });
  const isCall = (frame: Frame) => frame.type === 'ipc:stream' && membersOf(frame).type === type;
  const call = await trial.take(wire, isCall, `the call for ${type}`);
  if (typeof call.id !== 'number')
    throw new Failure(`the call has the id ${shown(call.id)}, which is not a number`);
  same(membersOf(call).data, data);
  return call;
}

/** What the program reports as the result of its call. */
async function told(
  trial: Trial,
  wire: Wire,
): Promise<{ items?: unknown; error?: { code?: unknown; message?: unknown } }> {
  const { data } = await trial.take(wire, isEvent('called'), "the 'called' event");
  return data as object;
}

export const streams: Level = {
  name: 'streams',

  async probe(trial) {
    const wire = await trial.wire();
    const id = trial.nextId();
    wire.send({ type: 'ipc:stream', data: { type: 'count', data: 0, ...WINDOW }, id });
    const answer = await wire.receive(({ re }) => re === id, trial.timeout);
    if (answer === undefined) return 'it does not answer a call for a stream';
    return answer.error === undefined ? undefined : "it has no stream 'count'";
  },

  checks: [
    {
      name: 'a call is accepted, its items arrive in order, and its end has their number',
      async run(trial) {
        const call = new Call(trial, await trial.wire(), 'count', 3);
        await call.accepted();
        await call.take(3);
        same(call.items, [1, 2, 3]);
        same(membersOf(await call.end()).seq, 3);
      },
    },
    {
      name: 'no more items arrive than the credit allows',
      async run(trial) {
        const call = new Call(trial, await trial.wire(), 'count', 10, { items: 2 });
        await call.accepted();
        same((await call.take(2)).full, true);
        await call.isQuiet();
        call.say(CREDIT, { seq: 2, items: 3, bytes: WINDOW.bytes });
        await call.take(5);
        await call.isQuiet();
        call.say(CREDIT, { seq: 5, ...WINDOW });
        await call.take(10);
        same(membersOf(await call.end()).seq, 10);
      },
    },
    {
      name: 'the error of a stream arrives after the items that precede it',
      async run(trial) {
        const call = new Call(trial, await trial.wire(), 'break', 'no é such "thing"');
        await call.accepted();
        await call.take(1);
        const { error } = await call.end();
        same((error as { message?: unknown } | undefined)?.message, 'no é such "thing"');
      },
    },
    {
      name: 'a call without a handler is refused with ERR_IPC_NO_HANDLER',
      async run(trial) {
        const { error } = await new Call(trial, await trial.wire(), 'nobody', 1).end();
        same((error as { code?: unknown } | undefined)?.code, 'ERR_IPC_NO_HANDLER');
      },
    },
    {
      name: 'items of a body arrive as the credit allows, and bytes are sent back as base64',
      async run(trial) {
        const call = new Call(trial, await trial.wire(), 'copy', null, { body: true });
        await call.granted();
        call.say(ITEM, { seq: 1, item: { a: null } });
        call.say(ITEM, { seq: 2, base64: 'AP8=' });
        await call.take(1);
        same(call.items, [{ a: null }]);
        same((await call.take(2)).base64, 'AP8=');
        call.say('ipc:end', { seq: 2 });
        same(membersOf(await call.end()).seq, 2);
      },
    },
    {
      name: '20 calls may be open at the same time, and a cancelled call sends no more items',
      async run(trial) {
        const wire = await trial.wire();
        const calls = Array.from({ length: 20 }, () => new Call(trial, wire, 'count', 1e6, { items: 1 }));
        for (const call of calls) {
          await call.accepted();
          await call.take(1);
        }
        for (const call of calls) call.say('ipc:cancel', {});
        for (const call of calls) call.say(CREDIT, { seq: 1, items: 1, bytes: 1000 });
        for (const call of calls) await call.isQuiet();
        await trial.isAlive(wire);
      },
    },
    {
      name: 'a peer that violates the protocol of streams loses its own connection only',
      async run(trial) {
        const breaches: ((call: Call) => void)[] = [
          (call) => call.say(CREDIT, { seq: 1000, ...WINDOW }),
          (call) => call.say(CREDIT, { seq: 'one', items: -1, bytes: null }),
          (call) => call.say('ipc:stream', { type: 'count', data: 1, ...WINDOW }),
          (call) => call.say(ITEM, { seq: 9, item: 'out of order' }),
        ];
        for (const breach of breaches) {
          const wire = await trial.fresh();
          const call = new Call(trial, wire, 'copy', 0, { body: true });
          await call.granted();
          breach(call);
          if (!(await wire.ends(trial.timeout)))
            throw new Failure('it keeps the connection of a peer that violates the protocol');
          await trial.isAlive(wire);
        }
      },
    },
    {
      name: 'packets about calls that do not exist are ignored',
      async run(trial) {
        const wire = await trial.wire();
        for (const type of [ITEM, CREDIT, 'ipc:end', 'ipc:cancel']) {
          wire.send({ type, data: { id: 987654, seq: 1, item: 1, ...WINDOW } });
          wire.send({ type, data: { re: 987654, seq: 1, item: 1, ...WINDOW } });
          wire.send({ type, data: null });
        }
        await trial.isAlive(wire);
      },
    },
    {
      name: 'the program calls for a stream, and receives its items',
      async run(trial) {
        const wire = await trial.wire();
        const { id } = await called(trial, wire, 'numbers', 2);
        const re = id as number;
        wire.send({ type: CREDIT, data: { re, seq: 0, items: 0, bytes: 0 } });
        for (const seq of [1, 2]) wire.send({ type: ITEM, data: { re, seq, item: seq * 10 } });
        wire.send({ type: 'ipc:stream', data: { seq: 2 }, re });
        same(await told(trial, wire), { items: [10, 20] });
      },
    },
    {
      name: 'the program receives the items that precede an error, and the error',
      async run(trial) {
        const wire = await trial.wire();
        const { id } = await called(trial, wire, 'numbers', 'x');
        const re = id as number;
        wire.send({ type: CREDIT, data: { re, seq: 0, items: 0, bytes: 0 } });
        wire.send({ type: ITEM, data: { re, seq: 1, item: null } });
        wire.send({ type: 'ipc:stream', re, error: { name: 'TypeError', message: 'no', code: 'E_NO' } });
        const { items, error } = await told(trial, wire);
        same([items, error?.message, error?.code], [[null], 'no', 'E_NO']);
      },
    },
    {
      name: 'the program sends a body as the credit allows, and announces its end',
      async run(trial) {
        const wire = await trial.wire();
        const { id, data } = await called(trial, wire, 'numbers', 0, ['a', 'b', 'c']);
        const re = id as number;
        same((data as Members).body, true);
        const isBody = (frame: Frame) =>
          (frame.type === ITEM || frame.type === 'ipc:end') && membersOf(frame).id === re;
        for (const [seq, items, expected] of [
          [0, 2, ['a', 'b']],
          [2, 5, ['c']],
        ] as const) {
          wire.send({ type: CREDIT, data: { re, seq, items, bytes: 1000 } });
          for (const item of expected)
            same(membersOf(await trial.take(wire, isBody, 'an item of the body')).item, item);
          await trial.request(wire, 'ipc:ping', {});
          if (seq === 0 && wire.has(isBody)) throw new Failure('an item of the body arrived without credit');
        }
        const end = await trial.take(wire, isBody, 'the end of the body');
        same([end.type, membersOf(end).seq], ['ipc:end', 3]);
        wire.send({ type: 'ipc:stream', data: { seq: 0 }, re });
        same(await told(trial, wire), { items: [] });
      },
    },
    {
      name: 'a stream of the program ends with an error when its connection is lost',
      role: 'client',
      async run(trial) {
        await called(trial, await trial.wire(), 'numbers', 1);
        const wire = await trial.fresh();
        if ((await told(trial, wire)).error === undefined)
          throw new Failure('the program reports that the stream ended without an error');
      },
    },
  ],
};
