import { rmSync } from 'node:fs';
import { lock } from '../../../lib/transports/lock.js';
import { Handles } from '../../../services/channel/handles.js';
import { NumberLease } from '../../../services/channel/number-lease.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

const config = { ...engineConfig(settings({})), rawBuffer: true };

describe('NumberLease', () => {
  let rendezvous: Rendezvous;

  beforeEach(() => {
    rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
  });

  async function take(
    name?: string,
    above = 0,
    held?: () => Promise<ReadonlySet<number>>,
  ): Promise<NumberLease> {
    const claim = await NumberLease.take({
      rendezvous,
      name,
      memberConfig: config,
      log: () => {},
      handles: new Handles(),
      above,
      held,
    });
    afterwards(() => claim.release());
    return claim;
  }

  /** Holds a number as another process does. */
  async function holdElsewhere(number: number): Promise<void> {
    const server = serverAt(config, rendezvous.number(number));
    afterwards(() => server.stop());
    await server.start();
  }

  it('takes the lowest free number', async () => {
    const first = await take();
    expect([first.number, (await take()).number, (await take()).number]).toEqual([1, 2, 3]);
    await first.release();
    expect((await take()).number).toBe(1);
  });

  it('skips numbers that others are reported to hold, once it has found many held', async () => {
    let asked = 0;
    const held = async () => {
      asked++;
      return new Set([9, 10, 12]);
    };
    for (let number = 1; number <= 7; number++) await holdElsewhere(number);
    const lease = await take(undefined, 0, held);
    expect([lease.number, asked]).toEqual([8, 0]);
    await lease.release();
    await holdElsewhere(8);
    expect([(await take(undefined, 0, held)).number, asked]).toEqual([11, 1]);
  });

  it('does not connect to the numbers that its own process holds', async () => {
    const first = await take();
    let connections = 0;
    first.server.on('connect', () => connections++);
    expect((await take()).number).toBe(2);
    const client = clientAt({ ...config, rawBuffer: false }, rendezvous.number(1));
    afterwards(() => client.destroy());
    const data = once(first.server as never, 'data');
    client.connect().emit('after', 'the others');
    await data;
    expect(connections).toBe(1);
  });

  it('takes the number of its own process whose socket was deleted', async () => {
    if (process.platform === 'win32') return pending('A Windows pipe cannot be removed');
    await take();
    rmSync(rendezvous.number(1));
    expect((await take()).number).toBe(1);
  });

  it('gives each of many that start at once a number of its own', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => take()));
    const numbers = claims.map(({ number }) => number).sort((one, other) => one - other);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('leaves a number to the process that has its lock, and waits for that only if it is the own one', async () => {
    if (process.platform === 'win32') return pending('Pipes need no lock');
    const unlock = await lock(rendezvous.number(1));
    expect((await take()).number).toBe(2);
    rendezvous.remember(1, 'billing');
    const billing = take('billing');
    expect((await take()).number).toBe(3);
    unlock();
    expect((await billing).number).toBe(1);
  });

  it('skips numbers that are reported as taken', async () => {
    expect((await take(undefined, 4)).number).toBe(5);
  });

  it('allows one holder of a name', async () => {
    const billing = await take('billing');
    await expectAsync(take('billing')).toBeRejectedWith(ipcError('ERR_IPC_IN_USE', '"billing"'));
    expect((await take()).number).toBe(2);
    await billing.release();
    expect((await take('billing')).number).toBe(1);
  });

  it('reserves the number of a named peer', async () => {
    const first = await take();
    const billing = await take('billing');
    await first.release();
    await billing.release();
    expect([(await take()).number, (await take()).number]).toEqual([1, 3]);
    expect((await take('billing')).number).toBe(2);
  });

  it('acquires another number for a name, and remembers that, if the former one is held', async () => {
    await take();
    rendezvous.remember(1, 'billing');
    const billing = await take('billing');
    expect(billing.number).toBe(2);
    expect(rendezvous.remembered()).toEqual(new Map([[2, 'billing']]));
  });

  it('releases the name if it can get no number', async () => {
    const number = rendezvous.number.bind(rendezvous);
    rendezvous.number = () => `/no/such/directory/${'x'.repeat(300)}`;
    await expectAsync(take('billing')).toBeRejectedWith(ipcError('ERR_IPC_ADDRESS'));
    rendezvous.number = number;
    expect((await take('billing')).number).toBe(1);
  });

  it('releases the number and the name if it cannot record them, as on a full disk', async () => {
    const remember = rendezvous.remember.bind(rendezvous);
    rendezvous.remember = () => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    await expectAsync(take('billing')).toBeRejectedWithError(/no space/);
    rendezvous.remember = remember;
    expect((await take('billing')).number).toBe(1);
  });
});
