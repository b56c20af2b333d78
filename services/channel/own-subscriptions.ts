import type { IPCError } from '../../entities/errors.js';
import { suppressUnhandled } from '../../lib/promises.js';
import type { Subscriptions } from './members.js';

interface Waiter {
  readonly version: number;
  resolve(): void;
  reject(error: IPCError): void;
}

/** The subscriptions of this member, and the callers that wait until the other members know a version of them. */
export class OwnSubscriptions {
  readonly #id: string;
  #topics: readonly string[] = [];
  #version = 0;
  #waiters: Waiter[] = [];

  /** @param id the id of this run of the member */
  constructor(id: string) {
    this.#id = id;
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  get version(): number {
    return this.#version;
  }

  /** The subscriptions as they are announced to the other members. */
  get current(): Subscriptions {
    return { id: this.#id, topics: this.#topics, version: this.#version };
  }

  /** Replaces the topics, and starts a new version. */
  replace(topics: readonly string[]): void {
    this.#topics = topics;
    this.#version++;
  }

  /** Resolves when the other members know a version. Version 0 is part of entering the channel. */
  known(version: number): Promise<void> {
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        this.#waiters.push({ version, resolve, reject });
      }),
    );
  }

  /** The other members know a version, and all before it. */
  told(version: number): void {
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => waiter.version > version);
    for (const waiter of waiters) if (waiter.version <= version) waiter.resolve();
  }

  /** The other members will not be told any more: rejects all waiting callers. */
  end(error: IPCError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
