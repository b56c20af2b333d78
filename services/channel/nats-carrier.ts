import { IPCError } from '../../entities/errors.js';
import type { Deadline } from '../../lib/deadline.js';
import { ReportLimit } from '../../lib/report-limit.js';
import type { Carrier, CarrierEvents } from './carrier.js';
import { Loopback } from './loopback.js';
import type { Member } from './members.js';
import type { NatsConnection, NatsSubscription } from './nats-client.js';
import { decodePacket, encodePacket, type NatsPacket, split } from './nats-packet.js';
import { NatsRemote, RESEND_MS } from './nats-remote.js';
import type { NatsSubjects } from './nats-subjects.js';

/** From this many characters, a batch is sent at once and does not wait for the end of the turn. */
const FULL_BATCH = 32 * 1024;

/** The maximum size of a character, and an upper limit of a packet's head, in bytes. */
const BYTES_A_CHARACTER = 3;
const HEAD_BYTES = 256;
/** How much is kept that arrives before messages may be delivered, in bytes. */
const MOST_EARLY = 16 * 1024 * 1024;
/** The memory that each of them takes besides its characters. */
const EARLY_OVERHEAD = 64;
const DEFAULT_MAX_PAYLOAD = 1024 * 1024;

/**
 * Carries messages over NATS: each run of a member receives on a subject of its own. NATS delivers at most once, so
 * messages are acknowledged, and sent again if the acknowledgement is late. Messages that exceed NATS's size limit are
 * split into parts.
 */
export class NatsCarrier implements Carrier {
  readonly #connection: NatsConnection;
  readonly #subjects: NatsSubjects;
  readonly #events: CarrierEvents;
  readonly #run: string;
  readonly #longest: number;
  readonly #remotes = new Map<string, NatsRemote>();
  readonly #subscription: NatsSubscription;
  readonly #timer: NodeJS.Timeout;
  #loopback: Loopback | undefined;
  #connected = true;
  /** Packets that arrived before messages may be delivered, and about how many bytes they take. */
  #early: string[] | undefined = [];
  #earlySize = 0;
  readonly #invalid = new ReportLimit('NATS');
  #over = false;
  readonly #post = (remote: NatsRemote, seq: number, body: string) => this.#send(remote, seq, body);
  readonly #flush = (remote: NatsRemote) => this.#flushTo(remote);

  /** @param longest the maximum length of a message, in characters */
  constructor(
    connection: NatsConnection,
    subjects: NatsSubjects,
    run: string,
    longest: number,
    events: CarrierEvents,
  ) {
    this.#connection = connection;
    this.#subjects = subjects;
    this.#run = run;
    this.#longest = longest;
    this.#events = events;
    this.#subscription = connection.subscribe(subjects.run(run), {
      callback: (error, message) => {
        if (error === null) this.#receive(message.string());
      },
    });
    this.#timer = setInterval(() => this.#resend(), RESEND_MS / 2);
  }

  open(): void {
    setImmediate(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      this.#loopback?.open();
      for (const payload of early) this.#receive(payload);
    });
  }

  dial(member: Member): void {
    if (this.#over) return;
    if (member.id === this.#run) {
      this.#loop();
      return;
    }
    const remote = this.#remote(member);
    remote.wanted = true;
    if (this.#connected && remote.position === undefined) this.#open(remote);
  }

  drop(id: string, done: () => void): void {
    this.#remotes.delete(id);
    done();
  }

  /**
   * The connection to NATS was made or lost. While it is lost nothing is sent; afterwards all unacknowledged messages are
   * sent again.
   */
  connected(is: boolean): void {
    this.#connected = is;
    for (const remote of this.#remotes.values()) {
      if (is) {
        if (remote.wanted) this.#open(remote);
      } else if (remote.position !== undefined) {
        remote.position = undefined;
        remote.batch = '';
        this.#events.closed(remote.member.id, remote);
      }
    }
  }

  async close(limit: Deadline): Promise<void> {
    this.#over = true;
    clearInterval(this.#timer);
    this.#loopback?.close();
    for (const remote of this.#remotes.values()) this.#flushTo(remote);
    this.#subscription.unsubscribe();
    if (this.#connected) await limit.settled(this.#connection.flush());
  }

  #remote(member: Member): NatsRemote {
    let remote = this.#remotes.get(member.id);
    if (remote === undefined) {
      remote = new NatsRemote(member, this.#post, this.#flush);
      this.#remotes.set(member.id, remote);
    }
    return remote;
  }

  /** Sends all unacknowledged messages. */
  #open(remote: NatsRemote): void {
    const { member } = remote;
    remote.restart(this.#events.position(member));
    this.#events.opened(member.id, remote);
  }

  #send(remote: NatsRemote, seq: number, body: string): void {
    if (remote.sent <= remote.acknowledged) remote.since = performance.now();
    remote.sent = seq;
    const most = this.#mostCharacters;
    if (body.length >= most) {
      this.#flushTo(remote);
      const parts = split(body, most);
      for (const [part, text] of parts.entries()) this.#publish(remote, seq, text, part, parts.length);
      return;
    }
    if (remote.batch.length + body.length >= most) this.#flushTo(remote);
    if (remote.batch === '') remote.batchSeq = seq;
    remote.batch += body;
    remote.batch += '\n';
    if (remote.batch.length >= FULL_BATCH) this.#flushTo(remote);
    else this.#schedule(remote);
  }

  get #mostCharacters(): number {
    const most = this.#connection.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
    return Math.max(1, Math.floor((most - HEAD_BYTES) / BYTES_A_CHARACTER));
  }

  #schedule(remote: NatsRemote): void {
    if (remote.scheduled) return;
    remote.scheduled = true;
    setImmediate(remote.flush);
  }

  #flushTo(remote: NatsRemote): void {
    remote.scheduled = false;
    const { batch, batchSeq, due } = remote;
    if (batch === '' && !due) return;
    remote.batch = '';
    this.#publish(remote, batchSeq, batch, 0, 0);
  }

  #publish(remote: NatsRemote, seq: number, text: string, part: number, parts: number): void {
    if (!this.#connected || this.#connection.isClosed()) return;
    const { member, incoming, position } = remote;
    const { epoch, first } = position === undefined ? { epoch: 0, first: 1 } : this.#events.position(member);
    const { number } = this.#events.self();
    remote.due = false;
    const packet: NatsPacket = {
      from: this.#run,
      number,
      epoch,
      first,
      seq,
      ackEpoch: incoming?.epoch ?? 0,
      ackSeq: incoming?.last ?? 0,
      part,
      parts,
      text,
    };
    this.#connection.publish(this.#subjects.run(member.id), encodePacket(packet));
  }

  #receive(payload: string): void {
    if (this.#early !== undefined) {
      // What a member sent is not acknowledged, so it will be sent again.
      const size = payload.length + EARLY_OVERHEAD;
      if (this.#earlySize + size > MOST_EARLY) return;
      this.#earlySize += size;
      this.#early.push(payload);
      return;
    }
    const packet = decodePacket(payload);
    if (packet === undefined) {
      const fault = this.#invalid.pass(() => {
        const message = `A NATS message on ${this.#subjects.run(this.#run)} is not a packet of a member; it was ignored.`;
        return new IPCError('ERR_IPC_DECODE', message);
      });
      if (fault !== undefined) this.#events.failed(fault);
      return;
    }
    // A sender that is not known yet will send again.
    const member = this.#events.known(packet.from);
    if (member === undefined || this.#over) return;
    const remote = this.#remote(member);
    if (packet.ackEpoch > 0) this.#acknowledged(remote, packet);
    if (packet.text !== '') this.#take(remote, packet);
  }

  #acknowledged(remote: NatsRemote, { ackEpoch, ackSeq }: NatsPacket): void {
    if (remote.position?.epoch !== ackEpoch) return;
    if (ackSeq > remote.acknowledged) {
      remote.acknowledged = ackSeq;
      remote.since = performance.now();
      remote.patience = RESEND_MS;
    }
    this.#events.acknowledged(remote.member.id, ackEpoch, ackSeq);
  }

  #take(remote: NatsRemote, packet: NatsPacket): void {
    const { from, number, epoch, first, text } = packet;
    remote.incoming = this.#events.incoming({ id: from, number }, { epoch, first });
    if (packet.parts > 0) this.#takePart(remote, packet);
    else {
      let { seq } = packet;
      for (let start = 0; start < text.length; seq++) {
        const end = text.indexOf('\n', start);
        if (end === -1) break;
        if (remote.incoming.take(epoch, seq)) this.#events.message(from, number, text.slice(start, end));
        start = end + 1;
      }
    }
    remote.due = true;
    this.#schedule(remote);
  }

  #takePart(remote: NatsRemote, packet: NatsPacket): void {
    const { from, number, epoch, seq } = packet;
    let body: string | undefined;
    try {
      body = remote.parts.take(packet, this.#longest);
    } catch (error) {
      this.#events.failed(error as IPCError);
      return;
    }
    if (body !== undefined && remote.incoming?.take(epoch, seq)) this.#events.message(from, number, body);
  }

  /** Sends messages again whose acknowledgements are late. */
  #resend(): void {
    if (!this.#connected) return;
    const now = performance.now();
    for (const remote of this.#remotes.values()) {
      if (remote.isLate(now)) this.#open(remote);
    }
  }

  #loop(): void {
    if (this.#loopback !== undefined) return;
    this.#loopback = new Loopback(this.#events);
    if (this.#early === undefined) this.#loopback.open();
    this.#events.opened(this.#run, this.#loopback);
  }
}
