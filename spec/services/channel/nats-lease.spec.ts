import type { Bucket } from '../../../services/channel/nats-client.js';
import { NatsClient } from '../../../services/channel/nats-client.js';
import { NatsLease } from '../../../services/channel/nats-lease.js';
import { afterwards } from '../../support/afterwards.js';
import { NatsServer, withoutNats } from '../../support/nats.js';

/** The duration of a lease in milliseconds: for specs in which it expires, and for all others. */
const DURATION = 1000;
const LONG = 600_000;

describe('NatsLease', () => {
  let client: NatsClient;
  let bucket: Bucket;

  beforeEach(async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    const server = await NatsServer.start();
    client = await NatsClient.connect({ servers: server.url });
    afterwards(() => client.connection.close());
    bucket = await client.bucket('leases', DURATION);
  });

  function lease(run: string): NatsLease {
    return new NatsLease(bucket, 'number.1', run, DURATION);
  }

  /** A lease that does not expire during the spec. */
  async function longLease(run: string): Promise<NatsLease> {
    return new NatsLease(await client.bucket('long-leases', LONG), 'number.1', run, LONG);
  }

  /** Waits until somebody else can have it. */
  async function taken(one: NatsLease): Promise<void> {
    while (!(await one.take({}))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it('belongs to one member at a time, and is free when it is released', async () => {
    const [a, b] = [await longLease('a'), await longLease('b')];
    expect([await a.take({}), await b.take({}), a.held, b.held]).toEqual([true, false, true, false]);
    await a.release();
    expect([a.held, await b.take({})]).toEqual([false, true]);
  });

  it('is held by renewals', async () => {
    const [a, b] = [lease('a'), lease('b')];
    let since = performance.now();
    await a.take({});
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, DURATION / 4));
      const previous = since;
      since = performance.now();
      const outcome = [await a.renew({ i }), await b.take({})];
      if (performance.now() - previous < DURATION) expect(outcome).toEqual(['held', false]);
      else {
        // This process was not scheduled for so long that the lease expired: it begins again.
        await Promise.all([a.release(), b.release()]);
        since = performance.now();
        await taken(a);
        i = -1;
      }
    }
  });

  it('does not count as held once another member can have it', async () => {
    const [a, b] = [lease('a'), lease('b')];
    await a.take({});
    let outcome: unknown[];
    // A process that is not scheduled for the duration of the lease loses it again.
    do {
      await taken(b);
      outcome = [a.held, await a.renew({})];
    } while (!b.held);
    expect(outcome).toEqual([false, 'taken']);
  });

  it('is acquired again if it has expired and is free', async () => {
    const a = lease('a');
    await a.take({});
    while ((await bucket.get('number.1')) !== null) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await a.renew({})).toBe('held');
  });

  it('is recognized after a renewal that succeeded without an answer', async () => {
    const a = await longLease('a');
    bucket = await client.bucket('long-leases', LONG);
    await a.take({});
    const entry = await bucket.get('number.1');
    await bucket.update('number.1', JSON.stringify({ id: 'a' }), entry?.revision as number);
    expect([await a.renew({}), await a.renew({})]).toEqual(['unknown', 'held']);
  });

  it('is inherited when that of another run expires, which no longer renews it', async () => {
    const [a, b] = [lease('a'), lease('b')];
    await a.take({});
    expect(await b.inherit({})).toBeTrue();
  });

  it('is not inherited from a run that renews it', async () => {
    const a = await longLease('a');
    await a.take({});
    const renewed = await client.bucket('long-leases', LONG);
    const get = renewed.get.bind(renewed);
    spyOn(renewed, 'get').and.callFake(async (key) => {
      await a.renew({});
      return get(key);
    });
    const attempts = spyOn(renewed, 'create').and.callThrough();
    // So short that it looks again soon.
    const b = new NatsLease(renewed, 'number.1', 'b', DURATION);
    expect([await b.inherit({}), attempts.calls.count()]).toEqual([false, 2]);
  });
});
