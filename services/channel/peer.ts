import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import type { Packet, PacketId } from '../../entities/packet.js';
import { nodeCrypto } from '../../lib/builtin.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { createLog } from '../../lib/log.js';
import { suppressUnhandled } from '../../lib/promises.js';
import { Claim } from './claim.js';
import { channelClosed } from './events.js';
import type { Departure, Letter, Listening, Wire } from './hub.js';
import { Inbox } from './inbox.js';
import { Mail } from './mail.js';
import { engineConfig, type Settings } from './options.js';
import { Rendezvous } from './rendezvous.js';
import { type Member, Roster } from './roster.js';
import type { Parcel } from './stream.js';
import { Uplink } from './uplink.js';

/** What happens to a peer. */
export interface PeerEvents {
  /** It is on the channel, and has its number. */
  opened(): void;
  /** A hub has let it in: its first, or after a take-over the next. */
  hub(number: number): void;
  joined(member: Member): void;
  left(member: Member): void;
  /** What another peer sent, or this one to itself. */
  packet(packet: Packet, letter: Letter): void;
  /** A peer has been handed a request. */
  handed(request: PacketId, member: Member): void;
  undelivered(parcel: Parcel, error: IPCError): void;
  failed(error: IPCError): void;
}

interface Waiter {
  readonly version: number;
  resolve(): void;
  reject(error: IPCError): void;
}

/** One run of a peer, from the opening of its channel to the end. What its messages mean is not its business. */
export class Peer {
  readonly id = nodeCrypto().randomUUID();
  readonly roster = new Roster();
  readonly mail: Mail;
  /** The number of the hub's peer, while it is connected to it. */
  hub: number | undefined;
  readonly #settings: Settings;
  readonly #config: Config;
  readonly #events: PeerEvents;
  readonly #inbox: Inbox;
  readonly #waiters: Waiter[] = [];
  #topics: readonly string[] = [];
  #version = 0;
  #opening: Promise<void> | undefined;
  #rendezvous: Rendezvous | undefined;
  #claim: Claim | undefined;
  #uplink: Uplink | undefined;
  #up = false;
  #closing: Promise<void> | undefined;
  /** Why it is over. */
  #over: IPCError | undefined;

  constructor(settings: Settings, events: PeerEvents) {
    this.#settings = settings;
    this.#config = engineConfig(settings);
    this.#events = events;
    const { heartbeat, grace, maxMessageSize: message, maxPendingBytes: total } = settings;
    const limits = { message, total, grace: Math.ceil(grace / heartbeat) };
    this.#inbox = new Inbox(this.id, (receipt) => this.#uplink?.tell('receipt', receipt));
    this.mail = new Mail(this.id, () => this.number as number, this.roster, limits, {
      send: (letter) => this.#uplink?.tell('letter', letter),
      handed: (request, member) => events.handed(request, member),
      undelivered: (parcel, error) => events.undelivered(parcel, error),
    });
  }

  /** Its number, once it is on the channel. */
  get number(): number | undefined {
    return this.#up ? this.#claim?.number : undefined;
  }

  /** Why nothing can be sent any more, where that is so. */
  get over(): IPCError | undefined {
    return this.#over ?? (this.#closing && channelClosed());
  }

  /** Begins to join the channel; nothing where it has. */
  open(): void {
    if (this.over === undefined) this.#opening ??= this.#open();
  }

  /** Resolves when it is on the channel; rejects when it cannot be, or was closed. */
  ready(): Promise<void> {
    this.open();
    if (this.#up && this.over === undefined) return Promise.resolve();
    return this.#wait(0);
  }

  /** Tells everybody which topics it listens to; resolves when they have been told. */
  listen(topics: readonly string[]): Promise<void> {
    this.open();
    this.#topics = topics;
    const told = this.#wait(++this.#version);
    this.#uplink?.tell('listens', this.#listening());
    return told;
  }

  /**
   * Delivers what it can, and leaves for good.
   * @param timeout milliseconds that the peers have to acknowledge
   * @param idle resolves when the caller has nothing to wait for
   */
  close(timeout: number, idle: Promise<void>): Promise<void> {
    this.#closing ??= this.#close(timeout, idle);
    return this.#closing;
  }

  async #open(): Promise<void> {
    const { name, directory, heartbeat } = this.#settings;
    // So that what fails at once is heard by handlers that are added right after.
    await undefined;
    try {
      this.#rendezvous = new Rendezvous(name, directory);
      this.#rendezvous.secure();
      this.#claim = await this.#claimNumber(this.#rendezvous, 0);
      this.#uplink = new Uplink(
        this.#rendezvous,
        this.#config,
        createLog(() => this.#config),
        heartbeat,
        {
          member: () => this.#member(),
          known: () => this.roster.members,
          heard: (type, data) => this.#heard(type, data),
          lost: () => this.#lost(),
          beat: () => this.mail.beat(),
          failed: (error) => this.#events.failed(error),
        },
      );
    } catch (error) {
      const { message } = error as Error;
      this.#end(
        error instanceof IPCError ? error : new IPCError('ERR_IPC_LISTEN', message, { cause: error }),
      );
      this.#events.failed(this.#over as IPCError);
    }
  }

  #claimNumber(rendezvous: Rendezvous, above: number): Promise<Claim> {
    return Claim.take(
      rendezvous,
      this.#settings.peer,
      this.#config,
      createLog(() => this.#config),
      above,
    );
  }

  #member(): Member {
    const { peer } = this.#settings;
    const number = this.#claim?.number as number;
    return { ...this.#listening(), number, ...(peer === undefined ? {} : { name: peer }) };
  }

  #listening(): Listening {
    return { id: this.id, topics: this.#topics, version: this.#version };
  }

  #heard<Type extends keyof Wire>(type: Type, data: Wire[Type]): void {
    if (type === 'letter') this.#receive(data as Letter);
    else if (type === 'receipt') {
      const { from, epoch, seq } = data as Wire['receipt'];
      this.mail.acknowledged(from, epoch, seq);
    } else if (type === 'joined') this.#joined(data as Member);
    else if (type === 'left') this.#left(data as Departure);
    else if (type === 'listens') this.#listens(data as Listening);
    else if (type === 'welcome') this.#welcomed(data as Wire['welcome']);
    else void this.#evade();
  }

  #receive(letter: Letter): void {
    if (!this.#inbox.take(letter)) return;
    const packet = parsed(letter.body);
    if (packet !== undefined) this.#events.packet(packet, letter);
    else {
      const message = `Peer ${letter.number} sent what is no message: ${letter.body.slice(0, 80)}`;
      this.#events.failed(new IPCError('ERR_IPC_DECODE', message));
    }
  }

  #welcomed({ hub, members, gone }: Wire['welcome']): void {
    for (const departure of gone) this.#left(departure);
    const ids = new Set(members.map(({ id }) => id));
    for (const { id } of this.roster.members) if (!ids.has(id)) this.#left({ id, receipts: [] });
    for (const { here, ...member } of members) this.#joined(member, here);
    this.hub = hub;
    if (!this.#up) {
      this.#up = true;
      // So that whoever awaits ready() is there for the first message.
      this.#uplink?.hold();
      this.mail.open();
      if (this.#closing !== undefined) this.mail.close(channelClosed(), false);
      this.#told(0);
      this.#events.opened();
    }
    this.#events.hub(hub);
    const version = this.roster.get(this.id)?.version ?? 0;
    this.#told(version);
    if (version < this.#version) this.#uplink?.tell('listens', this.#listening());
  }

  #joined(member: Member, here = true): void {
    const known = this.roster.get(member.id) !== undefined;
    this.roster.put(member);
    if (here) this.mail.joined(member);
    if (!known && this.#up) this.#events.joined(member);
  }

  #left({ id, receipts }: Departure): void {
    const member = this.roster.get(id);
    if (member === undefined || id === this.id) return;
    for (const { to, epoch, seq } of receipts) if (to === this.id) this.mail.acknowledged(id, epoch, seq);
    this.roster.drop(id);
    this.mail.left(id);
    this.#events.left(member);
  }

  #listens(listening: Listening): void {
    const member = this.roster.get(listening.id);
    if (member !== undefined) this.roster.put({ ...member, ...listening });
    if (listening.id === this.id) this.#told(listening.version);
  }

  #lost(): void {
    this.hub = undefined;
    this.mail.pause();
  }

  /** The hub knows a living peer with this number: somebody has removed that one's socket. */
  async #evade(): Promise<void> {
    const { number } = this.#claim as Claim;
    if (this.#up) {
      const message = `The number ${number} is another peer's too; files in ${this.#rendezvous?.directory} were removed.`;
      this.#events.failed(new IPCError('ERR_IPC_IN_USE', message));
      setTimeout(() => this.#uplink?.enter(), this.#settings.heartbeat).unref();
      return;
    }
    try {
      await this.#claim?.release();
      this.#claim = await this.#claimNumber(this.#rendezvous as Rendezvous, number);
      this.#uplink?.enter();
    } catch (error) {
      this.#events.failed(error as IPCError);
    }
  }

  async #close(timeout: number, idle: Promise<void>): Promise<void> {
    await this.#opening;
    if (this.#uplink !== undefined) {
      if (this.#up) this.mail.close(channelClosed(), false);
      await this.#drained(timeout, idle);
      await this.#uplink.close(this.#inbox.close());
    }
    await this.#claim?.release();
    this.#end(channelClosed());
  }

  /** Waits until the peers that are there have everything. */
  async #drained(timeout: number, idle: Promise<void>): Promise<void> {
    const delivered = new Promise<void>((resolve) => {
      this.mail.onIdle = resolve;
      if (this.mail.idle) resolve();
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeout);
    });
    await Promise.race([late, Promise.all([delivered, idle])]);
    clearTimeout(timer);
  }

  #end(error: IPCError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#up = false;
    this.hub = undefined;
    this.mail.close(error, true);
    for (const { id } of this.roster.members) this.roster.drop(id);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  /** Resolves when the others have been told a version of the topics; that of 0 they know at the opening. */
  #wait(version: number): Promise<void> {
    const { over } = this;
    if (over !== undefined) return suppressUnhandled(Promise.reject(over));
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        this.#waiters.push({ version, resolve, reject });
      }),
    );
  }

  #told(version: number): void {
    const told = this.#waiters.filter((waiter) => waiter.version <= version);
    if (told.length === 0) return;
    this.#waiters.splice(0, this.#waiters.length, ...this.#waiters.filter((one) => one.version > version));
    for (const waiter of told) waiter.resolve();
  }
}

function parsed(body: string): Packet | undefined {
  try {
    const packet = parseJSON(body) as Packet | null;
    return typeof packet?.type === 'string' ? packet : undefined;
  } catch {
    return undefined;
  }
}
