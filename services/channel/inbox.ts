import type { Letter, Receipt } from './hub.js';

interface Sender {
  readonly id: string;
  readonly epoch: number;
  /** The number of the last message that was handed over. */
  last: number;
  /** Whether it has to be told so. */
  due: boolean;
}

/**
 * What comes from other peers: of each sender every message once and in order, whatever is sent again. What was handed over
 * is acknowledged at the end of the turn.
 */
export class Inbox {
  readonly #id: string;
  readonly #acknowledge: (receipt: Receipt) => void;
  /** By their numbers; a number's new holder takes the place of the one before, which is no more. */
  readonly #senders = new Map<number, Sender>();
  readonly #due: Sender[] = [];
  #closed = false;

  /** `id`: of this run of the peer. */
  constructor(id: string, acknowledge: (receipt: Receipt) => void) {
    this.#id = id;
    this.#acknowledge = acknowledge;
  }

  /** Whether a message is to be handed over now: it is the sender's next. */
  take({ from, number, epoch, seq }: Letter): boolean {
    if (this.#closed) return false;
    let sender = this.#senders.get(number);
    if (sender === undefined || sender.id !== from || sender.epoch < epoch) {
      sender = { id: from, epoch, last: 0, due: false };
      this.#senders.set(number, sender);
    }
    // After a gap, all will be sent again.
    if (sender.epoch > epoch || seq > sender.last + 1) return false;
    this.#owe(sender);
    if (seq <= sender.last) return false;
    sender.last = seq;
    return true;
  }

  /** Takes nothing more; gives the last of every sender. */
  close(): Receipt[] {
    this.#closed = true;
    return [...this.#senders.values()].map((sender) => this.#receipt(sender));
  }

  #owe(sender: Sender): void {
    if (sender.due) return;
    sender.due = true;
    if (this.#due.push(sender) === 1) process.nextTick(() => this.#pay());
  }

  #pay(): void {
    for (const sender of this.#due.splice(0)) {
      sender.due = false;
      this.#acknowledge(this.#receipt(sender));
    }
  }

  #receipt({ id, epoch, last }: Sender): Receipt {
    return { to: id, from: this.#id, epoch, seq: last };
  }
}
