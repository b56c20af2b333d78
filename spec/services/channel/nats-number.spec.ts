import type { Bucket, NatsClient } from '../../../services/channel/nats-client.js';
import { takeNumber } from '../../../services/channel/nats-number.js';
import { NatsSubjects } from '../../../services/channel/nats-subjects.js';

describe('The number of a member over NATS', () => {
  const subjects = new NatsSubjects('shop');
  let leases: Map<string, string>;
  let names: Map<string, string>;
  /** What others take between the look at the leases and the attempt to get one. */
  let race: string[];

  beforeEach(() => {
    leases = new Map();
    names = new Map();
    race = [];
  });

  function bucketOf(entries: Map<string, string>): Bucket {
    return {
      create: async (key: string, value: string) => {
        if (entries.has(key)) throw new Error('key exists');
        entries.set(key, value);
        return entries.size;
      },
      put: async (key: string, value: string) => entries.set(key, value).size,
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
    expect(await take('billing')).toBe(2);
    expect([...names.values()]).toEqual(['2']);
  });

  it('ignores what a stranger has written into the bucket of names', async () => {
    for (const [i, text] of ['0', '-1', '1.5', 'x', ''].entries()) names.set(`name.${i}`, text);
    expect(await take()).toBe(1);
  });
});
