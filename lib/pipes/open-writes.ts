/** Waits until a number of writes have completed. */
interface Drain {
  writes: number;
  readonly callback: (lost: boolean) => void;
}

/** The writes to a socket that have not completed. They complete in order. */
export class OpenWrites {
  /** How many there are. The owner counts each write up. */
  count = 0;
  #drains: Drain[] | undefined;

  /** Calls back when the writes that are open now have completed. */
  drained(callback: (lost: boolean) => void): void {
    if (this.count === 0) {
      process.nextTick(callback, false);
      return;
    }
    this.#drains ??= [];
    this.#drains.push({ writes: this.count, callback });
  }

  /** A write has completed. */
  completed(lost: boolean): void {
    this.count--;
    const drains = this.#drains;
    if (drains === undefined) return;
    for (const drain of drains) drain.writes--;
    while (drains[0]?.writes === 0) drains.shift()?.callback(lost);
  }
}
