import { isDeepStrictEqual } from 'node:util';
import type { Role, Target } from './target.js';
import type { Frame, Wire } from './wire.js';

/** The error that a check found. */
export class Failure extends Error {}

/** The reason why a check cannot run here. */
export class Skipped extends Error {}

/** One check. */
export interface Check {
  readonly name: string;
  /** The role of the programs that the check applies to; without it, both. */
  readonly role?: Role;
  run(trial: Trial): Promise<void>;
}

/** A group of checks. */
export interface Level {
  readonly name: string;
  /** Finds out whether the program supports this level. Returns the reason if it does not, undefined if it does. */
  probe(trial: Trial): Promise<string | undefined>;
  readonly checks: readonly Check[];
}

/** How long to wait for a connection that should exist already, in milliseconds. */
const START = 10_000;

/** The test of one program: its connections, and the steps that all levels share. */
export class Trial {
  readonly role: Role;
  /** The time limit for each answer, in milliseconds. */
  readonly timeout: number;
  /** The maximum frame size that the program states, in bytes; 0 if it is unknown. */
  readonly maxSize: number;
  /** Whether the program echoes events and answers pings, which shows that it is still running. */
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

  /** The connection that checks share unless they need their own. */
  async wire(): Promise<Wire> {
    if (this.#wire?.open !== true) this.#wire = await this.#connect();
    return this.#wire;
  }

  /**
   * Opens a new connection. A client has one connection at a time, so the current one is closed and the client must
   * reconnect.
   */
  async fresh(): Promise<Wire> {
    if (this.role === 'server') return this.#connect();
    this.#wire?.destroy();
    this.#wire = undefined;
    return this.wire();
  }

  /** Sends a frame and receives the frame that answers it. */
  async exchange(wire: Wire, frame: Frame, matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    wire.send(frame);
    return this.take(wire, matches, what);
  }

  /** Receives a frame; fails if it does not arrive in time. */
  async take(wire: Wire, matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    const found = await wire.receive(matches, this.timeout);
    if (found !== undefined) return found;
    const fault =
      wire.faults.length > 0 ? `; it sent bytes that are not a packet: ${wire.faults.join(' ')}` : '';
    throw new Failure(
      `${what} did not arrive${wire.open ? '' : ', because the connection has ended'}${fault}`,
    );
  }

  /** Sends an `echo` event and checks that the same data comes back. */
  async echo(wire: Wire, data: unknown): Promise<void> {
    const { data: back } = await this.exchange(
      wire,
      { type: 'echo', data },
      isEvent('echo'),
      'the echo of an event',
    );
    same(back, data);
  }

  /** Sends a request and receives its answer, which may be an error. */
  request(wire: Wire, type: string, data: unknown, id: number | string = this.nextId()): Promise<Frame> {
    return this.exchange(wire, { type, data, id }, (frame) => frame.re === id, `the answer to ${type}`);
  }

  nextId(): number {
    return ++this.#last;
  }

  /** Checks that the program still responds: on this connection if it is open, otherwise on a new one. */
  async isAlive(wire: Wire): Promise<void> {
    const current = wire.open ? wire : await this.wire();
    try {
      await this.#sign(current);
    } catch (error) {
      if (current.open || !(error instanceof Failure)) throw error;
      // The program closed the connection during the exchange.
      await this.#sign(await this.#again());
    }
  }

  /** Drops the connection after a failure, so that late frames cannot disturb the following checks. */
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
      // The next check uses a restarted program.
      this.#target.restart();
      throw new Failure(over);
    }
    throw new Failure(
      this.role === 'server' ? 'it does not accept connections' : 'it does not connect, or not again',
    );
  }
}

/** Whether a frame is an event of a type. */
export function isEvent(type: string): (frame: Frame) => boolean {
  return (frame) => frame.type === type && frame.re === undefined;
}

/** @throws Failure if the two values differ as JSON */
export function same(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Failure(`it sent ${shown(found)} instead of ${shown(expected)}`);
}

const SHOWN = 120;

/** Formats a value as JSON, truncated if it is long. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > SHOWN ? `${json.slice(0, SHOWN)}...` : json;
}
