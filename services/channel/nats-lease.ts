import { setTimeout as wait } from 'node:timers/promises';
import type { Bucket } from './nats-client.js';

/** The result of an attempt to renew a lease. */
export type Renewal = 'held' | 'taken' | 'unknown';

/** How often {@link NatsLease.inherit} looks at a lease of another run, in each duration of the lease. */
const LOOKS = 30;

/**
 * A lease on a key, which belongs to one run of a member as long as that renews it. The bucket deletes a key that is not
 * renewed in time. The holder stops relying on the lease before that moment, whatever the clocks of the machines say: it
 * measures from the start of its last renewal, with a monotonic clock.
 */
export class NatsLease {
  readonly key: string;
  readonly #run: string;
  readonly #duration: number;
  #bucket: Bucket;
  #revision = 0;
  #until = 0;

  /** @param duration how long the bucket keeps a key, in milliseconds */
  constructor(bucket: Bucket, key: string, run: string, duration: number) {
    this.#bucket = bucket;
    this.key = key;
    this.#run = run;
    this.#duration = duration;
  }

  /** Whether the lease is certainly valid, so that no other member can have the key. */
  get held(): boolean {
    return performance.now() < this.#until;
  }

  /** Continues the same lease in a new bucket. */
  moveTo(bucket: Bucket): void {
    this.#bucket = bucket;
  }

  /** Acquires the lease if it is free. */
  async take(value: object): Promise<boolean> {
    const since = performance.now();
    const revision = await this.#create(this.#text(value));
    if (revision === undefined) return false;
    this.#won(revision, since);
    return true;
  }

  /**
   * Acquires the lease, if need be when that of another run expires, as the lease of a process that was killed does.
   * @returns false if the other run has renewed its lease, so that it lives
   */
  async inherit(value: object): Promise<boolean> {
    const limit = performance.now() + 2 * this.#duration;
    let before: number | undefined;
    while (!(await this.take(value))) {
      const entry = await this.#bucket.get(this.key);
      if (entry?.operation === 'PUT') {
        before ??= entry.revision;
        if (entry.revision !== before || performance.now() > limit) return false;
      }
      await wait(this.#duration / LOOKS);
    }
    return true;
  }

  /** Renews the lease; acquires it again if it has expired. Rejects if NATS does not respond. */
  async renew(value: object): Promise<Renewal> {
    const text = this.#text(value);
    const since = performance.now();
    try {
      this.#won(await this.#bucket.update(this.key, text, this.#revision, this.#duration / 3), since);
      return 'held';
    } catch (error) {
      // The lease expired, another member has it, or an earlier renewal succeeded without confirmation.
      if (!isTaken(error)) throw error;
    }
    const entry = await this.#bucket.get(this.key);
    if (entry !== null && entry.operation === 'PUT') {
      if (runOf(entry.string()) !== this.#run) return 'taken';
      this.#revision = entry.revision;
      return 'unknown';
    }
    return (await this.take(value)) ? 'held' : 'unknown';
  }

  /** Releases the lease. */
  async release(): Promise<void> {
    if (!this.held) return;
    this.#until = 0;
    await this.#bucket.delete(this.key, { previousSeq: this.#revision });
  }

  #won(revision: number, since: number): void {
    this.#revision = revision;
    this.#until = since + this.#duration;
  }

  async #create(text: string): Promise<number | undefined> {
    try {
      return await this.#bucket.create(this.key, text);
    } catch (error) {
      if (isTaken(error)) return undefined;
      throw error;
    }
  }

  #text(value: object): string {
    return JSON.stringify({ ...value, id: this.#run });
  }
}

/** JetStream's error code for a key that has another revision or exists already. */
const WRONG_LAST_SEQUENCE = 10071;

function isTaken(error: unknown): boolean {
  const { code, message } = error as { code?: number; message?: string };
  return code === WRONG_LAST_SEQUENCE || /wrong last sequence|key exists/i.test(message ?? '');
}

function runOf(text: string): string | undefined {
  return (parsed(text) as { id?: string } | null | undefined)?.id;
}

/** The value of a text of JSON, which any client of NATS may have written; undefined if it is invalid. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
