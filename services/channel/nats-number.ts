import { candidateNumbers } from './candidate-numbers.js';
import type { Bucket, NatsClient } from './nats-client.js';
import { NatsLease } from './nats-lease.js';
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
 * Acquires the lowest free number. A named member prefers its previous number; no member takes a number that is remembered
 * for another name.
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
    if (taken.has(subjects.number(number))) continue;
    const lease = new NatsLease(bucket, subjects.number(number), run, duration);
    if (!(await lease.take({ number, name, group, topics: [], version: 0 }))) continue;
    if (own !== undefined) await names.put(own, String(number));
    return { number, lease };
  }
  throw new Error('Numbers are unlimited, so one must be free.');
}
