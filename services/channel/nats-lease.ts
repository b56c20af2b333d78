import type { Bucket } from './nats-client.js';

/** What became of an attempt to keep a lease. */
export type Renewal = 'held' | 'taken' | 'unknown';

/**
 * A key that belongs to one run of a member as long as that renews it. The bucket forgets a key that is not renewed in time;
 * before that moment the holder has stopped to count on it, whatever the clocks of the machines say: it measures from the
 * beginning of its last renewal, with a clock that never jumps.
 */
export class NatsLease {
  readonly key: string;
  readonly #run: string;
  readonly #duration: number;
  #bucket: Bucket;
  #revision = 0;
  #until = 0;

  /** @param duration milliseconds that the bucket keeps a key */
  constructor(bucket: Bucket, key: string, run: string, duration: number) {
    this.#bucket = bucket;
    this.key = key;
    this.#run = run;
    this.#duration = duration;
  }

  /** Whether nobody else can have it. */
  get held(): boolean {
    return performance.now() < this.#until;
  }

  /** The same lease in a bucket that was made anew. */
  moveTo(bucket: Bucket): void {
    this.#bucket = bucket;
  }

  /** Takes it, where it is free. */
  async take(value: object): Promise<boolean> {
    const since = performance.now();
    const revision = await this.#create(this.#text(value));
    if (revision === undefined) return false;
    this.#won(revision, since);
    return true;
  }

  /** Keeps it; takes it again where it has run out. Rejects where NATS does not answer. */
  async renew(value: object): Promise<Renewal> {
    const text = this.#text(value);
    const since = performance.now();
    try {
      this.#won(await this.#bucket.update(this.key, text, this.#revision, this.#duration / 3), since);
      return 'held';
    } catch (error) {
      // It ran out, somebody has it, or an earlier renewal went through without our knowing.
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

  /** Gives it back. */
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

/** The code with which JetStream says that a key has another revision, or is there already. */
const WRONG_LAST_SEQUENCE = 10071;

function isTaken(error: unknown): boolean {
  const { code, message } = error as { code?: number; message?: string };
  return code === WRONG_LAST_SEQUENCE || /wrong last sequence|key exists/i.test(message ?? '');
}

function runOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { id?: string }).id;
  } catch {
    return undefined;
  }
}
