/** An object that keeps the process running, such as a timer or socket of Node. */
export interface Handle {
  ref(): unknown;
  unref(): unknown;
}

/** All current and future objects of a channel that can keep the process running. */
export class Handles {
  readonly #handles = new Set<Handle>();
  #refed = true;

  /** @returns the handle */
  add<Added extends Handle>(handle: Added): Added {
    this.#handles.add(handle);
    if (!this.#refed) handle.unref();
    return handle;
  }

  /** Removes an object that has ended. */
  remove(handle: Handle): void {
    this.#handles.delete(handle);
  }

  /** Keeps the process running. This is the default; see {@link unref}. */
  ref(): void {
    this.#refed = true;
    for (const handle of this.#handles) handle.ref();
  }

  /** Lets the process exit. */
  unref(): void {
    this.#refed = false;
    for (const handle of this.#handles) handle.unref();
  }
}
