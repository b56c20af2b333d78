import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { IPCError } from '../../entities/errors.js';
import type { Server } from '../../lib/server.js';
import { answers, identify } from '../../lib/transports/socket-file.js';
import { type HubContract, isWire, type Wire } from './hub-wire.js';
import type { Member, Subscriptions } from './members.js';
import type { Rendezvous } from './rendezvous.js';

/** A member in the hub's list. */
interface Place {
  member: Member;
  /** Undefined while the hub waits for the member to connect (again). */
  socket: Socket | undefined;
}

/**
 * The delays between the checks of a member that is not connected, in milliseconds. If its process has ended, the next check
 * finds that; if it lives, it counts as gone after the last one. A busy machine may take seconds to connect many members.
 */
const PATIENCE_MS = [0, 20, 80, 300, ...Array<number>(10).fill(1000)];
/** How often, and at which interval, a new member waits for the previous holder of its number to go. */
const CONFLICT_TRIES = 10;
const CONFLICT_MS = 30;
/** How many members that left are remembered, since members that connect later may still list them. */
const MOST_GONE = 1000;

/** Keeps the list of members, and tells all of them who joins and leaves. It does not see the messages between members. */
export class Hub {
  readonly #server: Server<HubContract>;
  readonly #rendezvous: Rendezvous;
  readonly #number: number;
  readonly #patience: readonly number[];
  readonly #file: string | undefined;
  readonly #places = new Map<string, Place>();
  readonly #byNumber = new Map<number, Place>();
  readonly #bySocket = new Map<Socket, Place>();
  readonly #gone = new Set<string>();
  #over = false;

  /**
   * @param server a server that has just begun to listen
   * @param number the number of the member that hosts this hub
   * @param known the members which that member knows
   * @param patience the delays between the checks of a member that is not connected
   */
  constructor(
    server: Server<HubContract>,
    rendezvous: Rendezvous,
    number: number,
    known: readonly Member[],
    patience: readonly number[] = PATIENCE_MS,
  ) {
    this.#patience = patience;
    this.#server = server;
    this.#rendezvous = rendezvous;
    this.#number = number;
    this.#file = identify(server.path)?.file;
    this.#on('enter', ({ member, known: others }, socket) => this.#enter(member, others, socket));
    this.#on('leave', (id) => this.#leave(id));
    this.#on('subscribed', (subscriptions) => this.#subscribed(subscriptions));
    server.on('disconnect', (socket) => this.#lost(socket));
    server.handle('numbers', () => this.#numbers());
    this.#expect(known);
  }

  /** Whether members can still find this hub; false if another has replaced it. */
  get reachable(): boolean {
    const { path } = this.#server;
    return this.#rendezvous.hub === path && identify(path)?.file === this.#file;
  }

  /**
   * Closes the hub; the members will find the next one.
   * @param timeout how long the members may take to end their connections, in milliseconds; default: as of any server
   */
  stop(timeout?: number): Promise<void> {
    this.#over = true;
    return this.#server.stop({ timeout });
  }

  /** Handles the valid packets of a type. A member that sends an invalid one is disconnected. */
  #on<Type extends keyof Wire>(type: Type, handle: (data: Wire[Type], socket: Socket) => void): void {
    this.#server.on(type, ((data: unknown, socket: Socket) => {
      if (isWire(type, data)) handle(data, socket);
      else this.#refuse(socket, `an invalid packet '${type}'`);
    }) as never);
  }

  #refuse(socket: Socket, what: string): void {
    socket.destroy();
    this.#server.trigger('error', new IPCError('ERR_IPC_PROTOCOL', `The hub received ${what}.`));
  }

  #numbers(): number[] {
    return Array.from(this.#bySocket.values(), ({ member }) => member.number);
  }

  #enter(member: Member, known: readonly Member[], socket: Socket, tries = CONFLICT_TRIES): void {
    if (this.#over || socket.destroyed) return;
    // A connection belongs to one member.
    if ((this.#bySocket.get(socket)?.member.id ?? member.id) !== member.id) {
      this.#refuse(socket, 'two members on one connection');
      return;
    }
    const rival = this.#rivalOf(member);
    if (rival?.socket !== undefined) {
      if (tries === 0) this.#send(socket, 'taken', member.number);
      else setTimeout(() => this.#enter(member, known, socket, tries - 1), CONFLICT_MS).unref();
      return;
    }
    // The new member holds the number now, so the previous one has ended.
    if (rival !== undefined) this.#leave(rival.member.id);
    this.#seat(member, socket);
    this.#expect(known);
    const members = [...this.#places.values()].map((place) => place.member);
    this.#send(socket, 'welcome', { hub: this.#number, members });
  }

  #rivalOf({ id, number }: Member): Place | undefined {
    const holder = this.#byNumber.get(number);
    return holder?.member.id === id ? undefined : holder;
  }

  #seat(member: Member, socket: Socket): void {
    const place = this.#places.get(member.id);
    this.#gone.delete(member.id);
    if (place === undefined) this.#add(member, socket);
    else {
      if (place.socket !== undefined) {
        this.#bySocket.delete(place.socket);
        place.socket.destroy();
      }
      place.socket = socket;
      this.#bySocket.set(socket, place);
      if (place.member.version !== member.version) this.#subscribed(member);
    }
  }

  /** Adds members that an earlier hub had, and that should connect to this one. */
  #expect(known: readonly Member[]): void {
    let delay = 0;
    for (const member of known) {
      if (this.#places.has(member.id) || this.#gone.has(member.id) || this.#rivalOf(member)) continue;
      // One after another, since most of many members connect in the meantime.
      void this.#doubt(this.#add(member, undefined), delay++);
    }
  }

  /** Adds a member to the list, and tells all connected members. */
  #add(member: Member, socket: Socket | undefined): Place {
    this.#announce('joined', member);
    const place: Place = { member, socket };
    this.#places.set(member.id, place);
    this.#byNumber.set(member.number, place);
    if (socket !== undefined) this.#bySocket.set(socket, place);
    return place;
  }

  /**
   * Waits for a member to connect, as long as its process runs and the delays last.
   * @param delay what the first check waits in addition, in milliseconds
   */
  async #doubt(place: Place, delay = 0): Promise<void> {
    const { id, number } = place.member;
    const isSettled = () => this.#over || this.#places.get(id) !== place || place.socket !== undefined;
    await wait(delay, undefined, { ref: false });
    for (const patience of this.#patience) {
      await wait(patience, undefined, { ref: false });
      if (isSettled()) return;
      const alive = await answers(this.#rendezvous.number(number));
      if (isSettled()) return;
      if (!alive) break;
    }
    if (this.reachable) this.#leave(id);
  }

  #lost(socket: Socket): void {
    const place = this.#bySocket.get(socket);
    if (place === undefined) return;
    this.#bySocket.delete(socket);
    place.socket = undefined;
    if (!this.#over && this.reachable) void this.#doubt(place);
  }

  #leave(id: string): void {
    const place = this.#places.get(id);
    if (this.#over || place === undefined) return;
    this.#announce('left', id);
    this.#places.delete(id);
    this.#byNumber.delete(place.member.number);
    if (place.socket !== undefined) this.#bySocket.delete(place.socket);
    this.#gone.add(id);
    if (this.#gone.size > MOST_GONE) this.#gone.delete(this.#gone.values().next().value as string);
  }

  #subscribed(subscriptions: Subscriptions): void {
    const place = this.#places.get(subscriptions.id);
    if (place === undefined) return;
    const { id, topics, version } = subscriptions;
    place.member = { ...place.member, topics, version };
    this.#announce('subscribed', { id, topics, version });
  }

  #announce<Type extends keyof Wire>(type: Type, data: Wire[Type]): void {
    for (const socket of this.#bySocket.keys()) this.#send(socket, type, data);
  }

  /**
   * Sends a packet to a member. A member that reads too slowly is disconnected; when it reconnects, it receives the current
   * list.
   */
  #send<Type extends keyof Wire>(socket: Socket, type: Type, data: Wire[Type]): void {
    if (!this.#server.emit(socket, type, data as never)) socket.destroy();
  }
}
