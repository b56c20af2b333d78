import { Deadline } from '../../../lib/deadline.js';
import type { CarrierEvents, Path } from '../../../services/channel/carrier.js';
import { Incoming } from '../../../services/channel/deduplicator.js';
import type { Member } from '../../../services/channel/members.js';
import { NatsCarrier } from '../../../services/channel/nats-carrier.js';
import type { NatsConnection, NatsMessage } from '../../../services/channel/nats-client.js';
import { NatsSubjects } from '../../../services/channel/nats-subjects.js';
import { afterwards } from '../../support/afterwards.js';
import { steadyTime } from '../../support/clock.js';

const subjects = new NatsSubjects('shop');
type Callback = (error: Error | null, message: NatsMessage) => void;

/** A NATS of our own, which loses what it is told to. */
class Exchange {
  /** How many of the next packets are lost. */
  losing = 0;
  sent: string[] = [];
  readonly #callbacks = new Map<string, Callback>();

  get connection(): NatsConnection {
    return {
      info: { max_payload: 1024 },
      isClosed: () => false,
      flush: async () => {},
      publish: (subject: string, payload: string) => {
        expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(1024);
        this.sent.push(payload);
        if (this.losing > 0) this.losing--;
        else setImmediate(() => this.#callbacks.get(subject)?.(null, { subject, string: () => payload }));
      },
      subscribe: (subject: string, { callback }: { callback: Callback }) => {
        this.#callbacks.set(subject, callback);
        return { unsubscribe: () => this.#callbacks.delete(subject) };
      },
    } as unknown as NatsConnection;
  }
}

describe('NatsCarrier', () => {
  let exchange: Exchange;
  let all: Map<string, Member>;

  beforeEach(() => {
    steadyTime();
    exchange = new Exchange();
    all = new Map();
  });

  function end(id: string, number: number) {
    const member: Member = { id, number, topics: [], version: 0 };
    all.set(id, member);
    const incoming = new Incoming();
    const bodies: string[] = [];
    const got: string[] = [];
    const errors: string[] = [];
    let acknowledged = 0;
    let path: Path | undefined;
    let waiters: (() => void)[] = [];
    const happened = () => {
      for (const look of waiters) look();
    };
    const events: CarrierEvents = {
      self: () => member,
      known: (one) => all.get(one),
      met: () => true,
      position: () => ({ epoch: 1, first: acknowledged + 1 }),
      opened: (_id, opened) => {
        path = opened;
        for (let seq = acknowledged + 1; seq <= bodies.length; seq++)
          opened.send(seq, bodies[seq - 1] as string);
      },
      closed: () => {
        path = undefined;
      },
      incoming: ({ id, number }, { epoch, first }) => incoming.from(id, number, epoch, first),
      message: (from, _number, body) => {
        got.push(`${from} ${body}`);
        happened();
      },
      acknowledged: (_id, _epoch, seq) => {
        acknowledged = Math.max(acknowledged, seq);
        happened();
      },
      failed: ({ code }) => {
        errors.push(code);
        happened();
      },
    };
    const carrier = new NatsCarrier(exchange.connection, subjects, id, 5000, events);
    afterwards(() => carrier.close(new Deadline(1000)));
    return {
      carrier,
      member,
      got,
      errors,
      say: (body: string) => {
        bodies.push(body);
        path?.send(bodies.length, body);
      },
      until: (isSo: () => boolean) =>
        new Promise<void>((resolve) => {
          const look = () => {
            if (!isSo()) return;
            waiters = waiters.filter((one) => one !== look);
            resolve();
          };
          waiters.push(look);
          look();
        }),
      get acknowledged() {
        return acknowledged;
      },
      get isOpen() {
        return path !== undefined;
      },
    };
  }

  function pair() {
    const [a, b] = [end('a', 1), end('b', 2)];
    a.carrier.open();
    b.carrier.open();
    a.carrier.dial(b.member);
    return [a, b] as const;
  }

  it('reports packets that no member sent, but not each of a flood', async () => {
    const [a] = pair();
    const { connection } = exchange;
    for (let i = 0; i < 200; i++) connection.publish(subjects.run('a'), 'x');
    await a.until(() => a.errors.length === 101);
    await new Promise((resolve) => setImmediate(resolve));
    expect([a.errors.length, a.errors[99], a.errors[100]]).toEqual([
      101,
      'ERR_IPC_DECODE',
      'ERR_IPC_PROTOCOL',
    ]);
  });

  for (const [count, length] of [
    [20_000, 1000],
    [280_000, 1],
  ] as const)
    it(`keeps a limited amount of what arrives before messages may be delivered, in messages of ${length} characters, and delivers what is sent again`, async () => {
      const [a, b] = [end('a', 1), end('b', 2)];
      a.carrier.open();
      a.carrier.dial(b.member);
      const { connection } = exchange;
      const garbage = 'x'.repeat(length);
      for (let i = 0; i < count; i++) connection.publish(subjects.run('b'), garbage);
      await new Promise((resolve) => setImmediate(resolve));
      a.say('{"n":1}');
      const sent = () => exchange.sent.filter((payload) => payload.includes('{"n":1}')).length;
      while (sent() === 0) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      b.carrier.open();
      await a.until(() => a.acknowledged === 1);
      expect(sent()).toBeGreaterThan(1);
      expect(b.got).toEqual(['a {"n":1}']);
      // The garbage that was kept is reported up to the limit.
      expect(b.errors.length).toBe(101);
    });

  it('sends the messages of one turn in one packet, and acknowledges them in one', async () => {
    const [a, b] = pair();
    for (let i = 0; i < 3; i++) a.say(`{"n":${i}}`);
    await a.until(() => a.acknowledged === 3);
    expect(b.got).toEqual(['a {"n":0}', 'a {"n":1}', 'a {"n":2}']);
    expect(exchange.sent.length).toBe(2);
  });

  it('sends unacknowledged messages again, and delivers them once', async () => {
    const [a, b] = pair();
    exchange.losing = 1;
    a.say('{"n":0}');
    await a.until(() => a.acknowledged === 1);
    a.say('{"n":1}');
    await b.until(() => b.got.length === 2);
    // The acknowledgement is lost.
    exchange.losing = 1;
    await a.until(() => a.acknowledged === 2);
    expect(b.got).toEqual(['a {"n":0}', 'a {"n":1}']);
  });

  it("splits messages that exceed NATS's limit, and sends all parts again if one is lost", async () => {
    const [a, b] = pair();
    const long = `{"text":"${'ü'.repeat(3000)}"}`;
    exchange.losing = 1;
    a.say(long);
    a.say('{"n":1}');
    await a.until(() => a.acknowledged === 2);
    expect(b.got).toEqual([`a ${long}`, 'a {"n":1}']);
  });

  it('reports a message that is too long, and accepts no part of it', async () => {
    const [a, b] = pair();
    a.say(`"${'x'.repeat(6000)}"`);
    await b.until(() => b.errors.length > 0);
    expect([b.errors[0], b.got]).toEqual(['ERR_IPC_TOO_LARGE', []]);
  });

  it('sends nothing while there is no connection, and the rest afterwards', async () => {
    const [a, b] = pair();
    a.carrier.connected(false);
    expect(a.isOpen).toBeFalse();
    a.carrier.dial(b.member);
    a.say('{"n":0}');
    expect([a.isOpen, exchange.sent]).toEqual([false, []]);
    a.carrier.connected(true);
    await a.until(() => a.acknowledged === 1);
    expect(b.got).toEqual(['a {"n":0}']);
  });

  it('accepts nothing from an unknown run until it is known', async () => {
    const [a, b] = pair();
    all.delete('a');
    a.say('{"n":0}');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(b.got).toEqual([]);
    all.set('a', a.member);
    await a.until(() => a.acknowledged === 1);
    expect(b.got).toEqual(['a {"n":0}']);
  });

  it('reports bytes that are not a packet, and delivers what a member sends to itself', async () => {
    const [a] = pair();
    exchange.connection.publish(subjects.run('a'), 'nonsense');
    await a.until(() => a.errors.length === 1);
    expect(a.errors).toEqual(['ERR_IPC_DECODE']);
    a.carrier.dial(a.member);
    a.say('{"n":0}');
    await a.until(() => a.got.length === 1);
    expect(a.got).toEqual(['a {"n":0}']);
  });
});
