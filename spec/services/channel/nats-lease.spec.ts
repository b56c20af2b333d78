import type { Bucket } from '../../../services/channel/nats-client.js';
import { NatsClient } from '../../../services/channel/nats-client.js';
import { NatsLease } from '../../../services/channel/nats-lease.js';
import { afterwards } from '../../support/afterwards.js';
import { NatsServer, withoutNats } from '../../support/nats.js';

const DURATION = 1000;

describe('NatsLease', () => {
  let bucket: Bucket;

  beforeEach(async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    const server = await NatsServer.start();
    const client = await NatsClient.connect({ servers: server.url });
    afterwards(() => client.connection.close());
    bucket = await client.bucket('leases', DURATION);
  });

  function lease(run: string): NatsLease {
    return new NatsLease(bucket, 'number.1', run, DURATION);
  }

  /** Waits until somebody else can have it. */
  async function taken(one: NatsLease): Promise<void> {
    while (!(await one.take({}))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it('belongs to one member at a time, and is free when it is released', async () => {
    const [a, b] = [lease('a'), lease('b')];
    expect([await a.take({}), await b.take({}), a.held, b.held]).toEqual([true, false, true, false]);
    await a.release();
    expect([a.held, await b.take({})]).toEqual([false, true]);
  });

  it('is held by renewals', async () => {
    const [a, b] = [lease('a'), lease('b')];
    await a.take({});
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, DURATION / 4));
      expect([await a.renew({ i }), await b.take({})]).toEqual(['held', false]);
    }
  });

  it('does not count as held once another member can have it', async () => {
    const [a, b] = [lease('a'), lease('b')];
    await a.take({});
    await taken(b);
    expect([a.held, await a.renew({}), b.held]).toEqual([false, 'taken', true]);
  });

  it('is acquired again if it has expired and is free', async () => {
    const a = lease('a');
    await a.take({});
    while ((await bucket.get('number.1')) !== null) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([await a.renew({}), a.held]).toEqual(['held', true]);
  });

  it('is recognized after a renewal that succeeded without an answer', async () => {
    const a = lease('a');
    await a.take({});
    const entry = await bucket.get('number.1');
    await bucket.update('number.1', JSON.stringify({ id: 'a' }), entry?.revision as number);
    expect([await a.renew({}), await a.renew({})]).toEqual(['unknown', 'held']);
  });
});
