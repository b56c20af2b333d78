/** Lets specs wait until a changing state meets a condition. */
export class Watch {
  readonly #looks = new Set<() => void>();

  /** Reports that the state has changed. */
  changed(): void {
    for (const look of this.#looks) look();
  }

  /**
   * Waits until the state meets a condition.
   * @param found describes the actual state for the error of a timeout
   */
  until(wanted: () => boolean, what: string, timeout = 60_000, found = () => ''): Promise<void> {
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
