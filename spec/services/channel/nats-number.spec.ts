import type { Bucket, NatsClient } from '../../../services/channel/nats-client.js';
import { takeNumber } from '../../../services/channel/nats-number.js';
import { NatsSubjects } from '../../../services/channel/nats-subjects.js';

describe('The number of a member over NATS', () => {
  const subjects = new NatsSubjects('shop');
  let leases: Map<string, string>;
  let names: Map<string, string>;
  /** What others take between the look at the leases and the attempt to get one. */
  let race: string[];
  /** Whether the next look at a lease is the last before it expires; otherwise its holder renews it. */
  let expires: boolean;
  let revision = 0;

  beforeEach(() => {
    leases = new Map();
    names = new Map();
    race = [];
    expires = false;
  });

  function bucketOf(entries: Map<string, string>): Bucket {
    return {
      create: async (key: string, value: string) => {
        if (entries.has(key)) throw new Error('key exists');
        entries.set(key, value);
        return entries.size;
      },
      put: async (key: string, value: string) => entries.set(key, value).size,
      get: async (key: string) => {
        if (expires) entries.delete(key);
        return { operation: 'PUT', revision: ++revision, string: () => '' };
      },
    } as Partial<Bucket> as Bucket;
  }

  async function take(name?: string): Promise<number> {
    const client = {
      bucket: async () => bucketOf(names),
      values: async (bucket: string) => {
        if (bucket === subjects.names) return names;
        const seen = new Map(leases);
        for (const key of race.splice(0)) leases.set(key, '{}');
        return seen;
      },
    } as unknown as NatsClient;
    const options = { client, subjects, run: 'run', name, group: undefined };
    return (await takeNumber(options, bucketOf(leases), 1000)).number;
  }

  it('is the lowest that is free, also if another member is faster', async () => {
    expect([await take(), await take()]).toEqual([1, 2]);
    race = [subjects.number(3), subjects.number(4)];
    expect(await take()).toBe(5);
    expect(JSON.parse(leases.get(subjects.number(5)) as string)).toEqual(
      jasmine.objectContaining({ id: 'run', number: 5 }),
    );
  });

  it('is remembered for its name, and reserved for it', async () => {
    expect(await take('billing')).toBe(1);
    leases.clear();
    expect([await take(), await take('billing')]).toEqual([2, 1]);
  });

  it('is another one if the number of its name is taken', async () => {
    expect(await take('billing')).toBe(1);
    for (const other of ['{"name":"shipping"}', '{}', 'null', 'no JSON']) {
      leases.set(subjects.number(1), other);
      leases.delete(subjects.number(2));
      expect(await take('billing')).toBe(2);
      expect([...names.values()]).toEqual(['2']);
      names.set(subjects.name('billing'), '1');
    }
  });

  it('is the one of the run with its name that has ended, once the lease of that run has expired', async () => {
    expect(await take('billing')).toBe(1);
    expires = true;
    expect(await take('billing')).toBe(1);
  });

  it('is another one if a run with its name renews the lease', async () => {
    expect(await take('billing')).toBe(1);
    expect(await take('billing')).toBe(2);
  });

  it('ignores what a stranger has written into the bucket of names', async () => {
    for (const [i, text] of ['0', '-1', '1.5', 'x', ''].entries()) names.set(`name.${i}`, text);
    expect(await take()).toBe(1);
  });
});
