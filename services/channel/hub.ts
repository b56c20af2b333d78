import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from '../../lib/server.js';
import { answers, identify } from '../../lib/transports/socket-file.js';
import { isMember, isSubscriptions, type Member, type Subscriptions } from './members.js';
import type { Rendezvous } from './rendezvous.js';

/** What members and hub say to each other, on an engine's connection. */
export interface Wire {
  /** Member: here I am, and these I know of. */
  enter: { member: Member; known: readonly Member[] };
  /** Hub: you are in; the hub's number, and all who belong to the channel. */
  welcome: { hub: number; members: readonly Member[] };
  /** Hub: your number is another's. */
  taken: number;
  /** Hub: a member is here, for the first time or again. */
  joined: Member;
  /** Member: good bye; its id. */
  leave: string;
  /** Hub: a member has left; to that as well. Its id. */
  left: string;
  /** Member, and from the hub to all. */
  subscribed: Subscriptions;
}

/** A member at this hub. */
interface Place {
  member: Member;
  /** Undefined while it is expected to come (again). */
  socket: Socket | undefined;
}

/** How long to wait between the looks at a member that has not come: after the last it counts as gone. */
const PATIENCE_MS = [0, 20, 80, 300, 1000];
/** How often, and how long apart, a newcomer waits for the one that had its number to be gone. */
const CONFLICT_TRIES = 10;
const CONFLICT_MS = 30;
/** How many of those that left are remembered: members that come may still know them. */
const MOST_GONE = 1000;

/** Keeps the list of the members, and tells all of them who comes and goes. What they say to each other it never sees. */
export class Hub {
  readonly #server: Server<Wire>;
  readonly #rendezvous: Rendezvous;
  readonly #number: number;
  readonly #file: string | undefined;
  readonly #places = new Map<string, Place>();
  readonly #byNumber = new Map<number, Place>();
  readonly #bySocket = new Map<Socket, Place>();
  readonly #gone = new Set<string>();
  #over = false;

  /**
   * @param server has just begun to listen
   * @param number of the member whose hub it is
   * @param known to that peer
   */
  constructor(server: Server<Wire>, rendezvous: Rendezvous, number: number, known: readonly Member[]) {
    this.#server = server;
    this.#rendezvous = rendezvous;
    this.#number = number;
    this.#file = identify(server.path)?.file;
    server.on('enter', (entry, socket) => {
      if (isEntry(entry)) this.#enter(entry.member, entry.known, socket);
      else socket.destroy();
    });
    server.on('leave', (id) => this.#leave(id));
    server.on('subscribed', (subscriptions, socket) => {
      if (isSubscriptions(subscriptions)) this.#subscribed(subscriptions);
      else socket.destroy();
    });
    server.on('disconnect', (socket) => this.#lost(socket));
    this.#expect(known);
  }

  /** Whether members still find it; not so when another has taken its place. */
  get reachable(): boolean {
    const { path } = this.#server;
    return this.#rendezvous.hub === path && identify(path)?.file === this.#file;
  }

  /** Gives up; the members will find the next one. */
  stop(): Promise<void> {
    this.#over = true;
    return this.#server.stop();
  }

  #enter(member: Member, known: readonly Member[], socket: Socket, tries = CONFLICT_TRIES): void {
    if (this.#over || socket.destroyed) return;
    const rival = this.#rivalOf(member);
    if (rival?.socket !== undefined) {
      if (tries === 0) this.#send(socket, 'taken', member.number);
      else setTimeout(() => this.#enter(member, known, socket, tries - 1), CONFLICT_MS).unref();
      return;
    }
    // It holds the number now, so that one is no more.
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

  /** Members that were there before, and should come to this hub. */
  #expect(known: readonly Member[]): void {
    for (const member of known) {
      if (this.#places.has(member.id) || this.#gone.has(member.id) || this.#rivalOf(member)) continue;
      void this.#doubt(this.#add(member, undefined));
    }
  }

  /** Adds to the list, and tells everybody who is there. */
  #add(member: Member, socket: Socket | undefined): Place {
    this.#announce('joined', member);
    const place: Place = { member, socket };
    this.#places.set(member.id, place);
    this.#byNumber.set(member.number, place);
    if (socket !== undefined) this.#bySocket.set(socket, place);
    return place;
  }

  /** Waits for a member to come, as long as its process lives and there is hope. */
  async #doubt(place: Place): Promise<void> {
    const { id, number } = place.member;
    for (const patience of PATIENCE_MS) {
      await wait(patience, undefined, { ref: false });
      const alive = await answers(this.#rendezvous.number(number));
      if (this.#over || this.#places.get(id) !== place || place.socket !== undefined) return;
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

  /** A member that reads too slowly to be told everything is to come anew: then it is told how things are. */
  #send<Type extends keyof Wire>(socket: Socket, type: Type, data: Wire[Type]): void {
    if (!this.#server.emit(socket, type, data as never)) socket.destroy();
  }
}

/** Checked, since anything of this user's may connect. */
function isEntry(entry: Wire['enter']): boolean {
  return isMember(entry?.member) && Array.isArray(entry.known) && entry.known.every(isMember);
}
