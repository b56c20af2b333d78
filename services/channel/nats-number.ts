import { candidateNumbers } from './candidate-numbers.js';
import type { Member } from './members.js';
import type { Bucket, NatsClient } from './nats-client.js';
import { NatsLease, parsed } from './nats-lease.js';
import type { NatsSubjects } from './nats-subjects.js';

/** The member that acquires a number. */
export interface NumberOptions {
  readonly client: Pick<NatsClient, 'bucket' | 'values'>;
  readonly subjects: NatsSubjects;
  readonly run: string;
  readonly name: string | undefined;
  readonly group: string | undefined;
}

/**
 * Acquires the lowest free number. A named member, which has the lease of its name, prefers its previous number, also while
 * the lease of the run before it has not expired; no member takes a number that is remembered for another name.
 * @param duration how long the bucket keeps a lease, in milliseconds
 */
export async function takeNumber(
  { client, subjects, run, name, group }: NumberOptions,
  bucket: Bucket,
  duration: number,
): Promise<{ number: number; lease: NatsLease }> {
  const names = await client.bucket(subjects.names, 0);
  const own = name === undefined ? undefined : subjects.name(name);
  const remembered = new Map<number, string>();
  for (const [key, text] of await client.values(subjects.names, '>')) {
    const number = Number(text);
    if (Number.isSafeInteger(number) && number > 0) remembered.set(number, key);
  }
  const taken = await client.values(subjects.leases, subjects.number('*'));
  for (const number of candidateNumbers(remembered, own)) {
    const key = subjects.number(number);
    const holder = taken.get(key);
    if (holder !== undefined && !isNamed(holder, name)) continue;
    const lease = new NatsLease(bucket, key, run, duration);
    const member = { number, name, group, topics: [], version: 0 };
    if (!(await (holder === undefined ? lease.take(member) : lease.inherit(member)))) continue;
    if (own !== undefined) await names.put(own, String(number));
    return { number, lease };
  }
  throw new Error('Numbers are unlimited, so one must be free.');
}

/** Whether the holder of a number has a name. */
function isNamed(holder: string, name: string | undefined): boolean {
  return name !== undefined && (parsed(holder) as Partial<Member> | null | undefined)?.name === name;
}
