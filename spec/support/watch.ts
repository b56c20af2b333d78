/** Lets specs wait until what changes is as wanted. */
export class Watch {
  readonly #looks = new Set<() => void>();

  /** Something has changed. */
  changed(): void {
    for (const look of this.#looks) look();
  }

  /**
   * Waits until what is watched is as wanted.
   * @param found says, where it is not in time, what there is instead
   */
  until(wanted: () => boolean, what: string, timeout = 10_000, found = () => ''): Promise<void> {
    const late = new Error(`No ${what} within ${timeout} ms`);
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#looks.delete(look);
        act();
      };
      const look = () => {
        if (wanted()) settle(resolve);
      };
      const timer = setTimeout(() => {
        late.message += found();
        settle(() => reject(late));
      }, timeout);
      this.#looks.add(look);
      look();
    });
  }
}
