import { isDeepStrictEqual } from 'node:util';
import type { Role, Target } from './target.js';
import type { Frame, Wire } from './wire.js';

/** What a check found wrong. */
export class Failure extends Error {}

/** Why a check cannot be made here. */
export class Skipped extends Error {}

/** One thing that is checked. */
export interface Check {
  readonly name: string;
  /** The role of the program that it is for; both where none is named. */
  readonly role?: Role;
  run(trial: Trial): Promise<void>;
}

/** What is checked together. */
export interface Level {
  readonly name: string;
  /** Why the program does not speak this level at all; undefined if it does. */
  probe(trial: Trial): Promise<string | undefined>;
  readonly checks: readonly Check[];
}

/** How long what must be there already is waited for, in milliseconds. */
const START = 10_000;

/** One program under test: the connections with it, and what all levels ask of it. */
export class Trial {
  readonly role: Role;
  /** Milliseconds that an answer may take. */
  readonly timeout: number;
  /** The longest frame that the program says it takes, in bytes; 0 if it is not known. */
  readonly maxSize: number;
  /** Whether it echoes events, and answers pings: what its life is told by. */
  echoes = false;
  pings = false;
  readonly #target: Target;
  readonly #wires = new Set<Wire>();
  #wire: Wire | undefined;
  #last = 0;

  constructor(target: Target, timeout: number, maxSize: number) {
    this.#target = target;
    this.role = target.role;
    this.timeout = timeout;
    this.maxSize = maxSize;
  }

  /** The connection of the checks that need no other. */
  async wire(): Promise<Wire> {
    if (this.#wire?.open !== true) this.#wire = await this.#connect();
    return this.#wire;
  }

  /** A new connection. A client has one at a time, so that it must come back for it. */
  async fresh(): Promise<Wire> {
    if (this.role === 'server') return this.#connect();
    this.#wire?.destroy();
    this.#wire = undefined;
    return this.wire();
  }

  /** Sends a frame and takes the one that answers it. */
  async exchange(wire: Wire, frame: Frame, matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    wire.send(frame);
    return this.take(wire, matches, what);
  }

  /** Takes a frame that must come. */
  async take(wire: Wire, matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    const found = await wire.receive(matches, this.timeout);
    if (found !== undefined) return found;
    const fault = wire.faults.length > 0 ? `; it sent what is not a packet: ${wire.faults.join(' ')}` : '';
    throw new Failure(`${what} did not come${wire.open ? '' : ': the connection has ended'}${fault}`);
  }

  /** Sends an `echo` event and expects the same data. */
  async echo(wire: Wire, data: unknown): Promise<void> {
    const { data: back } = await this.exchange(
      wire,
      { type: 'echo', data },
      isEvent('echo'),
      'the echo of an event',
    );
    same(back, data);
  }

  /** Asks; the answer, whatever it says. */
  request(wire: Wire, type: string, data: unknown, id: number | string = this.nextId()): Promise<Frame> {
    return this.exchange(wire, { type, data, id }, (frame) => frame.re === id, `the answer to ${type}`);
  }

  nextId(): number {
    return ++this.#last;
  }

  /** That the program is still at work: on this connection, where it is open, or else on another. */
  async isAlive(wire: Wire): Promise<void> {
    const current = wire.open ? wire : await this.wire();
    try {
      await this.#sign(current);
    } catch (error) {
      if (current.open || !(error instanceof Failure)) throw error;
      // It ended the connection while it was asked.
      await this.#sign(await this.#again());
    }
  }

  /** After a failure: what is still on its way must not disturb the checks that follow. */
  discard(): void {
    this.#wire?.destroy();
  }

  async close(): Promise<void> {
    for (const wire of this.#wires) wire.destroy();
    await this.#target.close();
  }

  async #sign(wire: Wire): Promise<void> {
    if (this.echoes) {
      const data = { alive: this.nextId() };
      const isSign = (frame: Frame) => isEvent('echo')(frame) && isDeepStrictEqual(frame.data, data);
      await this.exchange(wire, { type: 'echo', data }, isSign, 'the echo of an event');
    } else if (this.pings) await this.request(wire, 'ipc:ping', {});
    else if (await wire.ends(100)) throw new Failure('it ended the connection');
  }

  #again(): Promise<Wire> {
    return this.role === 'server' ? this.#connect() : this.wire();
  }

  async #connect(): Promise<Wire> {
    const wire = await this.#target.connect(START);
    if (wire !== undefined) {
      this.#wires.add(wire);
      return wire;
    }
    const { over } = this.#target;
    if (over !== undefined) {
      // The next check is made with another.
      this.#target.restart();
      throw new Failure(over);
    }
    throw new Failure(
      this.role === 'server' ? 'it does not accept connections' : 'it does not connect (again)',
    );
  }
}

/** Whether a frame is an event of a type. */
export function isEvent(type: string): (frame: Frame) => boolean {
  return (frame) => frame.type === type && frame.re === undefined;
}

/** @throws Failure where two values are not the same JSON */
export function same(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Failure(`${shown(found)} came in place of ${shown(expected)}`);
}

const SHOWN = 120;

/** A value as JSON, cut where it is long. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > SHOWN ? `${json.slice(0, SHOWN)}...` : json;
}
