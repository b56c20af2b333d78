import type { Config } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';
import type { Deadline } from '../../lib/deadline.js';
import type { Log } from '../../lib/log.js';
import type { Server } from '../../lib/server.js';
import type { Handles } from './handles.js';
import { heldNumbers } from './held-numbers.js';
import { HubClient } from './hub-client.js';
import type { Wire } from './hub-wire.js';
import { listeningNumbers } from './listening-numbers.js';
import type { Subscriptions } from './members.js';
import type { Membership, MembershipEvents } from './membership.js';
import { NumberLease } from './number-lease.js';
import type { Rendezvous } from './rendezvous.js';

/** What a local membership needs. */
export interface LocalMembershipOptions {
  readonly rendezvous: Rendezvous;
  readonly name: string | undefined;
  /** Milliseconds between two heartbeats. */
  readonly heartbeat: number;
  /** The config of the engine for the connection to the hub, and for the socket of the number. */
  readonly hubConfig: Config;
  readonly memberConfig: Config;
  readonly log: Log;
  readonly handles: Handles;
  /** Called with the server that listens on the number's socket: for the first number, and for each one that replaces it. */
  readonly listening: (server: Server) => void;
}

/** Membership on one machine: the member holds its number by listening on a socket, and a hub keeps the list of members. */
export class LocalMembership implements Membership {
  readonly #options: LocalMembershipOptions;
  readonly #events: MembershipEvents;
  #lease: NumberLease;
  #client: HubClient | undefined;
  #admitted = false;
  /** Whether it is acquiring another number, or is about to enter again. */
  #evading = false;

  private constructor(options: LocalMembershipOptions, events: MembershipEvents, lease: NumberLease) {
    this.#options = options;
    this.#events = events;
    this.#lease = lease;
    options.listening(lease.server);
  }

  /**
   * Acquires a number and the name.
   * @throws IPCError (rejects) ERR_IPC_ADDRESS if the directory is not safe, ERR_IPC_IN_USE if the name is taken
   */
  static async begin(options: LocalMembershipOptions, events: MembershipEvents): Promise<LocalMembership> {
    options.rendezvous.secure(options.name);
    return new LocalMembership(options, events, await take(options, 0));
  }

  get number(): number {
    return this.#lease.number;
  }

  get certain(): boolean {
    return true;
  }

  enter(): void {
    const { rendezvous, hubConfig: config, log, heartbeat, handles } = this.#options;
    const options = { rendezvous, config, log, heartbeat, handles };
    this.#client = new HubClient(options, {
      member: () => this.#events.self(),
      known: () => this.#events.known(),
      received: (type, data) => this.#received(type, data),
      lost: () => this.#events.lost(),
      tick: () => this.#events.tick(),
      failed: (error) => this.#events.failed(error),
    });
  }

  subscribe(subscriptions: Subscriptions): void {
    this.#client?.send('subscribed', subscriptions);
  }

  async leave(limit: Deadline): Promise<void> {
    await this.#client?.close(limit);
  }

  release(limit: Deadline): Promise<void> {
    return this.#lease.release(limit.left);
  }

  #received<Type extends keyof Wire>(type: Type, data: Wire[Type]): void {
    if (type === 'welcome') {
      const { members, hub } = data as Wire['welcome'];
      this.#admitted = true;
      this.#events.entered(members, hub);
    } else if (type === 'joined') this.#events.joined(data as Wire['joined']);
    else if (type === 'left') this.#events.left(data as string);
    else if (type === 'subscribed') this.#events.subscribed(data as Subscriptions);
    else if (data === this.#lease.number) void this.#evade();
  }

  /**
   * The hub has another living member with this number, because somebody deleted that member's socket. Takes another
   * number; a member that a hub admitted with this one reports the conflict instead, and enters again later.
   */
  async #evade(): Promise<void> {
    if (this.#evading) return;
    const { number } = this.#lease;
    this.#evading = true;
    if (this.#admitted) {
      this.#events.contested(number);
      const enter = () => {
        this.#evading = false;
        this.#client?.enter();
      };
      setTimeout(enter, this.#options.heartbeat).unref();
      return;
    }
    try {
      await this.#lease.release();
      this.#lease = await take(this.#options, number);
      this.#options.listening(this.#lease.server);
      this.#client?.enter();
    } catch (error) {
      this.#events.failed(error as IPCError);
    } finally {
      this.#evading = false;
    }
  }
}

function take(options: LocalMembershipOptions, above: number): Promise<NumberLease> {
  const { rendezvous, hubConfig, log } = options;
  const held = async () => listeningNumbers(rendezvous) ?? (await heldNumbers(rendezvous, hubConfig, log));
  return NumberLease.take({ ...options, above, held });
}
