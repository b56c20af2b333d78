import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from '../../lib/server.js';
import { answers, identify } from '../../lib/transports/socket-file.js';
import type { Rendezvous } from './rendezvous.js';
import type { Member } from './roster.js';

/** A message as it travels from peer to hub to peer. */
export interface Letter {
  /** The run of the peer that it is for. */
  readonly to: string;
  /** The run of the peer that sends it, and its number. */
  readonly from: string;
  readonly number: number;
  /** The sender's stream to this receiver, and the place in it. */
  readonly epoch: number;
  readonly seq: number;
  /** The packet within, as JSON. */
  readonly body: string;
}

/** Says that all messages of a stream up to this one were handed over. */
export interface Receipt {
  readonly to: string;
  readonly from: string;
  readonly epoch: number;
  readonly seq: number;
}

/** A run of a peer that is gone; and where it has said good bye, all that it was handed. */
export interface Departure {
  readonly id: string;
  readonly receipts: readonly Receipt[];
}

/** A member, and whether it has come to this hub. */
export interface Presence extends Member {
  readonly here: boolean;
}

/** What a peer subscribes to. */
export type Listening = Pick<Member, 'id' | 'topics' | 'version'>;

/** What peers and hub say to each other, on an engine's connection. */
export interface Wire {
  /** Peer: here I am, and these I know of. */
  enter: { member: Member; known: readonly Member[] };
  /** Hub: you are in; the hub's number, who belongs to the channel, and who of those you know does no more. */
  welcome: { hub: number; members: readonly Presence[]; gone: readonly Departure[] };
  /** Hub: your number is another's. */
  taken: number;
  /** Hub: a peer is here, for the first time or again. */
  joined: Member;
  /** Peer: good bye. */
  leave: Departure;
  /** Hub: a peer is gone; to that as well. */
  left: Departure;
  /** Peer, and from the hub to all. */
  listens: Listening;
  letter: Letter;
  receipt: Receipt;
}

/** A member at this hub. */
interface Place {
  member: Member;
  /** Undefined while it is expected to come (again). */
  socket: Socket | undefined;
}

/** How long to wait between the looks at a peer that has not come: after the last it counts as gone. */
const PATIENCE_MS = [0, 20, 80, 300, 1000];
/** How often, and how long apart, a newcomer waits for the one that had its number to be gone. */
const CONFLICT_TRIES = 10;
const CONFLICT_MS = 30;
/** How many of those that left are remembered, for peers that have not heard of it. */
const MOST_GONE = 1000;

/** Passes on what peers say to each other, and tells them who is there. */
export class Hub {
  readonly #server: Server<Wire>;
  readonly #rendezvous: Rendezvous;
  readonly #number: number;
  readonly #file: string | undefined;
  readonly #places = new Map<string, Place>();
  readonly #bySocket = new Map<Socket, Place>();
  readonly #gone = new Map<string, Departure>();
  /** The good byes that not everybody can hear yet. */
  #departures: Departure[] = [];
  #over = false;

  /**
   * @param server has just begun to listen
   * @param number of the peer whose hub it is
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
    server.on('leave', (departure, socket) => {
      if (!isDeparture(departure)) socket.destroy();
      else {
        this.#departures.push(departure);
        this.#dismiss();
      }
    });
    server.on('listens', (listening, socket) => {
      if (isListening(listening)) this.#listens(listening);
      else socket.destroy();
    });
    server.on('letter', (letter) => this.#pass('letter', letter));
    server.on('receipt', (receipt) => this.#pass('receipt', receipt));
    server.on('disconnect', (socket) => this.#lost(socket));
    this.#expect(known);
  }

  /** Whether peers still find it; not so when another has taken its place. */
  get reachable(): boolean {
    return identify(this.#server.path)?.file === this.#file;
  }

  /** Gives up; the peers will find the next one. */
  stop(): Promise<void> {
    this.#over = true;
    return this.#server.stop();
  }

  #enter(member: Member, known: readonly Member[], socket: Socket, tries = CONFLICT_TRIES): void {
    if (this.#over || socket.destroyed) return;
    const rival = this.#rivalOf(member);
    if (rival?.socket !== undefined) {
      if (tries === 0) this.#server.emit(socket, 'taken', member.number);
      else setTimeout(() => this.#enter(member, known, socket, tries - 1), CONFLICT_MS).unref();
      return;
    }
    // It holds the number now, so that one is no more.
    if (rival !== undefined) this.#leave({ id: rival.member.id, receipts: [] });
    this.#seat(member, socket);
    this.#expect(known);
    const members: Presence[] = [];
    for (const place of this.#places.values())
      members.push({ ...place.member, here: place.socket !== undefined });
    const gone = known.map(({ id }) => this.#gone.get(id)).filter((departure) => departure !== undefined);
    this.#server.emit(socket, 'welcome', { hub: this.#number, members, gone });
    this.#announce('joined', member, socket);
    this.#dismiss();
  }

  #rivalOf({ id, number }: Member): Place | undefined {
    for (const place of this.#places.values()) {
      if (place.member.number === number && place.member.id !== id) return place;
    }
    return undefined;
  }

  #seat(member: Member, socket: Socket): void {
    const before = this.#places.get(member.id)?.socket;
    if (before !== undefined) {
      this.#bySocket.delete(before);
      before.destroy();
    }
    const place: Place = { member, socket };
    this.#places.set(member.id, place);
    this.#bySocket.set(socket, place);
    this.#gone.delete(member.id);
  }

  /** Members that were there before, and should come to this hub. */
  #expect(known: readonly Member[]): void {
    for (const member of known) {
      if (this.#places.has(member.id) || this.#gone.has(member.id) || this.#rivalOf(member)) continue;
      const place: Place = { member, socket: undefined };
      this.#places.set(member.id, place);
      void this.#doubt(place);
    }
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
    if (this.reachable) this.#leave({ id, receipts: [] });
  }

  #lost(socket: Socket): void {
    const place = this.#bySocket.get(socket);
    if (place === undefined) return;
    this.#bySocket.delete(socket);
    place.socket = undefined;
    if (!this.#over && this.reachable) void this.#doubt(place);
  }

  #leave(departure: Departure): void {
    const { id } = departure;
    const place = this.#places.get(id);
    if (this.#over || place === undefined) return;
    this.#announce('left', departure);
    this.#places.delete(id);
    if (place.socket !== undefined) this.#bySocket.delete(place.socket);
    this.#gone.set(id, departure);
    if (this.#gone.size > MOST_GONE) this.#gone.delete(this.#gone.keys().next().value as string);
    this.#dismiss();
  }

  /** Lets those leave that want to, once nobody is awaited who should hear their good bye. */
  #dismiss(): void {
    for (const { socket } of this.#places.values()) if (socket === undefined) return;
    const departures = this.#departures;
    this.#departures = [];
    for (const departure of departures) this.#leave(departure);
  }

  #listens(listening: Listening): void {
    const place = this.#places.get(listening.id);
    if (place === undefined) return;
    place.member = { ...place.member, ...listening };
    this.#announce('listens', listening);
  }

  #pass(type: 'letter' | 'receipt', data: Letter | Receipt): void {
    const socket = this.#places.get(data?.to)?.socket;
    // Where the receiver is away the sender keeps it, and sends it again when that is back.
    if (socket !== undefined) this.#server.emit(socket, type, data as Letter);
  }

  #announce<Type extends 'joined' | 'left' | 'listens'>(type: Type, data: Wire[Type], except?: Socket): void {
    for (const socket of this.#bySocket.keys()) {
      if (socket !== except) this.#server.emit(socket, type, data as never);
    }
  }
}

/** Checked, since anything of this user's may connect. */
function isEntry(entry: Wire['enter']): boolean {
  return isMember(entry?.member) && Array.isArray(entry.known) && entry.known.every(isMember);
}

function isMember(member: Member): boolean {
  return isListening(member) && Number.isSafeInteger(member.number) && member.number > 0;
}

function isListening(listening: Listening): boolean {
  const { id, topics } = listening ?? {};
  return (
    typeof id === 'string' && Array.isArray(topics) && topics.every((topic) => typeof topic === 'string')
  );
}

function isDeparture(departure: Departure): boolean {
  return typeof departure?.id === 'string' && Array.isArray(departure.receipts);
}
