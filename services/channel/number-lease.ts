import type { Config } from '../../entities/config.js';
import { codeOf, IPCError } from '../../entities/errors.js';
import type { Log } from '../../lib/log.js';
import { Server } from '../../lib/server.js';
import { answers, identify } from '../../lib/transports/socket-file.js';
import { candidateNumbers } from './candidate-numbers.js';
import type { Handles } from './handles.js';
import type { Rendezvous } from './rendezvous.js';

/**
 * After this many held numbers, a new member requests the list of held numbers. The distance doubles, since members that
 * join at the same time are not in the list yet.
 */
const MANY = 8;

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
  readonly #named: Server | undefined;

  private constructor(number: number, server: Server, named: Server | undefined) {
    this.number = number;
    this.server = server;
    this.#named = named;
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
      for (const number of candidateNumbers(rendezvous.remembered(), name)) {
        if (number <= above || known.has(number)) continue;
        if (!(await isHeld(rendezvous.number(number)))) numbered = await hold(rendezvous.number(number));
        if (numbered === undefined) {
          if (++met < many) continue;
          known = (await held?.()) ?? known;
          met = 0;
          many *= 2;
          continue;
        }
        note(rendezvous, number, name);
        return new NumberLease(number, numbered, named);
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
    await Promise.all([this.server.stop({ timeout }), this.#named?.stop({ timeout })]);
  }
}

/** Whether a process listens on a path. This check is cheaper than an attempt to listen. */
async function isHeld(path: string): Promise<boolean> {
  return identify(path) !== undefined && (await answers(path));
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
