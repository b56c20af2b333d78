import type { Config } from '../../entities/config.js';
import { codeOf, IPCError } from '../../entities/errors.js';
import type { Log } from '../../lib/log.js';
import { Server } from '../../lib/server.js';
import { isLocked } from '../../lib/transports/lock.js';
import { answers, identify } from '../../lib/transports/socket-file.js';
import { candidateNumbers } from './candidate-numbers.js';
import type { Handles } from './handles.js';
import type { Rendezvous } from './rendezvous.js';

/**
 * After this many held numbers, a new member requests the list of held numbers. The distance doubles, since members that
 * join at the same time are not in the list yet.
 */
const MANY = 8;

/** The sockets of the numbers that this process holds. It need not connect to its own members to find that they listen. */
const own = new Set<string>();

/** What {@link NumberLease.take} needs. */
export interface NumberLeaseOptions {
  readonly rendezvous: Rendezvous;
  readonly name: string | undefined;
  /** The config of the servers that hold the number and the name. */
  readonly memberConfig: Config;
  readonly log: Log;
  readonly handles: Handles;
  /** Numbers up to this one are skipped. Default: 0. */
  readonly above?: number | undefined;
  /** Asks for numbers that are held for sure, which are skipped, too; called if many have been found held. Default: none. */
  readonly held?: (() => Promise<ReadonlySet<number>>) | undefined;
}

/**
 * A member's number and, if it has one, name. Each is held by listening on a socket: the system guarantees that no two
 * processes hold the same one, and releases it however the process ends.
 */
export class NumberLease {
  readonly number: number;
  /** Listens on the number's socket, to which other members connect. */
  readonly server: Server;
  readonly #path: string;
  readonly #named: Server | undefined;

  private constructor(number: number, path: string, server: Server, named: Server | undefined) {
    this.number = number;
    this.server = server;
    this.#path = path;
    this.#named = named;
    own.add(path);
  }

  /**
   * Acquires the lowest free number. A named member prefers its previous number; no member takes a number that is
   * remembered for another name.
   * @throws IPCError (rejects) ERR_IPC_IN_USE if the name is taken
   */
  static async take(options: NumberLeaseOptions): Promise<NumberLease> {
    const { rendezvous, name, memberConfig: config, log, handles, above = 0, held } = options;
    const hold = async (path: string) => {
      const server = new Server({ address: { transport: 'unix', path }, config, log, internal: true });
      return (await listening(server)) && handles.add(server);
    };
    const named = name === undefined ? undefined : await hold(rendezvous.name(name));
    if (name !== undefined && named === undefined) {
      const message = `A member named ${JSON.stringify(name)} is on the channel already; stop it, or choose another name.`;
      throw new IPCError('ERR_IPC_IN_USE', message);
    }
    let numbered: Server | undefined;
    let known: ReadonlySet<number> = new Set();
    let met = 0;
    let many = MANY;
    try {
      const remembered = rendezvous.remembered();
      for (const number of candidateNumbers(remembered, name)) {
        const path = rendezvous.number(number);
        if (number <= above || known.has(number)) continue;
        const exists = identify(path) !== undefined;
        if (exists && own.has(path)) continue;
        // To connect is cheaper than to attempt to listen. Of many that start at once, the one with the lock gets the number,
        // so that the others need not wait for it, except for a number that is their own.
        const isOurs = name !== undefined && remembered.get(number) === name;
        const busy = (exists && (await answers(path))) || (!isOurs && isLocked(path));
        if (!busy) numbered = await hold(path);
        if (numbered === undefined) {
          if (++met < many) continue;
          known = (await held?.()) ?? known;
          met = 0;
          many *= 2;
          continue;
        }
        note(rendezvous, number, name);
        return new NumberLease(number, path, numbered, named);
      }
      throw new Error('Numbers are unlimited, so one must be free.');
    } catch (error) {
      await Promise.all([named?.stop(), numbered?.stop()]);
      throw error;
    }
  }

  /**
   * Releases the number and the name.
   * @param timeout how long the connections of other members may take to end, in milliseconds; default: as of any server
   */
  async release(timeout?: number): Promise<void> {
    own.delete(this.#path);
    await Promise.all([this.server.stop({ timeout }), this.#named?.stop({ timeout })]);
  }
}

/** Returns the server once it listens; undefined if another process holds its path. */
async function listening(server: Server): Promise<Server | undefined> {
  try {
    return await server.start();
  } catch (error) {
    if (codeOf(error) === 'ERR_IPC_IN_USE') return undefined;
    throw error;
  }
}

/** Remembers the number for the name, and no other number for it. */
function note(rendezvous: Rendezvous, number: number, name: string | undefined): void {
  for (const [other, owner] of rendezvous.remembered()) {
    if (owner === name && other !== number) rendezvous.remember(other, undefined);
  }
  rendezvous.remember(number, name);
}
