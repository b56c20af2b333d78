/**
 * What comes from one run of a member: every message once and in order, whatever is sent again. What was handed over is
 * acknowledged by the carrier, which asks for {@link last}.
 */
export class Deduplicator {
  /** Which of the sender's streams to this member it is: a later one has a higher epoch. */
  epoch: number;
  /** The number of the last message that was handed over. */
  last: number;
  #closed = false;

  constructor(epoch: number, first: number) {
    this.epoch = epoch;
    this.last = first - 1;
  }

  /** The sender goes on from a message: what was before has been acknowledged, so nothing is missed. */
  resume(epoch: number, first: number): void {
    if (epoch > this.epoch) {
      this.epoch = epoch;
      this.last = first - 1;
    } else if (epoch === this.epoch && first > this.last + 1) this.last = first - 1;
  }

  /** Whether a message is to be handed over now: it is the next one. */
  take(epoch: number, seq: number): boolean {
    if (this.#closed || epoch !== this.epoch || seq !== this.last + 1) return false;
    this.last = seq;
    return true;
  }

  /** Takes nothing more. */
  close(): void {
    this.#closed = true;
  }
}

/** The deduplicators of all runs that have sent something. */
export class Incoming {
  readonly #runs = new Map<string, Deduplicator>();
  /** The run that had a number last: it is no more when the next one comes. */
  readonly #holders = new Map<number, string>();
  #closed = false;

  /** What comes from a run, which goes on from a position in its stream. */
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

  /** Takes nothing more. */
  close(): void {
    this.#closed = true;
    for (const run of this.#runs.values()) run.close();
  }
}
