/** Something that keeps the process running, as Node's timers and sockets do. */
export interface Handle {
  ref(): unknown;
  unref(): unknown;
}

/** Everything of a channel that keeps the process running, now and later. */
export class Handles {
  readonly #handles = new Set<Handle>();
  #refed = true;

  /** @returns the handle */
  add<Added extends Handle>(handle: Added): Added {
    this.#handles.add(handle);
    if (!this.#refed) handle.unref();
    return handle;
  }

  /** The handle has ended. */
  remove(handle: Handle): void {
    this.#handles.delete(handle);
  }

  /** Keeps the process running, as it does unless {@link unref} was called. */
  ref(): void {
    this.#refed = true;
    for (const handle of this.#handles) handle.ref();
  }

  /** Lets the process end. */
  unref(): void {
    this.#refed = false;
    for (const handle of this.#handles) handle.unref();
  }
}
