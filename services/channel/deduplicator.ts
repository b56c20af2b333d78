/**
 * Accepts the messages of one run of a member: each exactly once and in order, however often it is sent. The carrier
 * acknowledges accepted messages, up to {@link last}.
 */
export class Deduplicator {
  /** The epoch of the sender's current stream to this member. A later stream has a higher epoch. */
  epoch: number;
  /** The number of the last accepted message. */
  last: number;
  #closed = false;

  constructor(epoch: number, first: number) {
    this.epoch = epoch;
    this.last = first - 1;
  }

  /** The sender continues at a message. All earlier ones were acknowledged, so nothing is missed. */
  resume(epoch: number, first: number): void {
    if (epoch > this.epoch) {
      this.epoch = epoch;
      this.last = first - 1;
    } else if (epoch === this.epoch && first > this.last + 1) this.last = first - 1;
  }

  /** Whether a message is accepted: it must be the next one. */
  take(epoch: number, seq: number): boolean {
    if (this.#closed || epoch !== this.epoch || seq !== this.last + 1) return false;
    this.last = seq;
    return true;
  }

  /** Accepts no further messages. */
  close(): void {
    this.#closed = true;
  }
}

/** The deduplicators of all runs that have sent messages. */
export class Incoming {
  readonly #runs = new Map<string, Deduplicator>();
  /** The last run that had a number. That run has ended when another one uses the number. */
  readonly #holders = new Map<number, string>();
  #closed = false;

  /** The deduplicator of a run that continues its stream at a position. */
  from(id: string, number: number, epoch: number, first: number): Deduplicator {
    const holder = this.#holders.get(number);
    if (holder !== undefined && holder !== id) this.#runs.delete(holder);
    this.#holders.set(number, id);
    let run = this.#runs.get(id);
    if (run !== undefined) run.resume(epoch, first);
    else {
      run = new Deduplicator(epoch, first);
      this.#runs.set(id, run);
      if (this.#closed) run.close();
    }
    return run;
  }

  /** Accepts no further messages. */
  close(): void {
    this.#closed = true;
    for (const run of this.#runs.values()) run.close();
  }
}
