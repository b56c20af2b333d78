import type { PortAddress } from '../../entities/address.js';
import { IPCError } from '../../entities/errors.js';
import { brief } from '../../entities/suggest.js';
import type { Side } from '../observe.js';
import { brokenFailure } from './failure.js';
import { type PortLike, PortLink, type PortMessage, type PortReceiver } from './port-link.js';
import type {
  DialEvents,
  Dialling,
  DialOptions,
  ListenEvents,
  Listener,
  MessageCarrier,
  MessageReceiver,
  Transport,
} from './transport.js';

/** Connections are numbered, since several may follow each other over the same port. */
let lastNumber = 0;

/** One end of a connection over a port. */
class PortCarrier implements MessageCarrier {
  readonly socket: PortLike;
  readonly #link: PortLink;
  readonly #to: Side;
  readonly n: number;
  readonly #closed: () => void;
  #receiver: MessageReceiver | undefined;
  #early: PortMessage[] = [];
  #over = false;

  /** @param closed called when this end no longer needs the port */
  constructor(link: PortLink, to: Side, n: number, closed: () => void) {
    this.socket = link.port;
    this.#link = link;
    this.#to = to;
    this.n = n;
    this.#closed = closed;
  }

  get bytes(): boolean {
    return this.#link.bytes;
  }

  post(kind: string, value: unknown, transfer?: readonly unknown[]): void {
    if (!this.#over) this.#link.post({ 'omni-ipc': this.#to, n: this.n, kind, value }, transfer);
  }

  receive(receiver: MessageReceiver): void {
    this.#receiver = receiver;
    for (const { kind, value } of this.#early.splice(0)) receiver.message(kind, value);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#closed();
  }

  /** Receives a message for this end. */
  take(message: PortMessage): void {
    if (message.n !== this.n || this.#over) return;
    if (this.#receiver === undefined) this.#early.push(message);
    else this.#receiver.message(message.kind, message.value);
  }

  /** A message could not be deserialized. */
  misread(cause: unknown): void {
    if (!this.#over) this.#receiver?.misread(cause);
  }

  /** The other side is gone. */
  lose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#closed();
    this.#receiver?.closed();
  }
}

/** An attempt to connect: it requests a connection from the server at the other end of a port. */
class PortDial implements Dialling, PortReceiver {
  readonly #link: PortLink;
  readonly #events: DialEvents<MessageCarrier>;
  readonly #n = ++lastNumber;
  #carrier: PortCarrier | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(link: PortLink, { handshakeTimeout }: DialOptions, events: DialEvents<MessageCarrier>) {
    this.#link = link;
    this.#events = events;
    if (link.has('client')) {
      process.nextTick(() => this.#fail(new IPCError('ERR_IPC_IN_USE', CONNECTED)));
      return;
    }
    link.attach('client', this);
    if (handshakeTimeout > 0) {
      const message = `No server at the other end of the message port answered within ${handshakeTimeout} ms (config.handshakeTimeout); call servePort there.`;
      this.#timer = setTimeout(() => this.#fail(new IPCError('ERR_IPC_CONNECT', message)), handshakeTimeout);
    }
    this.#ask();
  }

  get socket(): PortLike {
    return this.#link.port;
  }

  abandon(): void {
    process.nextTick(() => this.#fail(undefined));
  }

  message(message: PortMessage): void {
    if (this.#carrier !== undefined) this.#carrier.take(message);
    else if (message.kind === 'listening') this.#ask();
    else if (message.kind === 'opened' && message.n === this.#n && !this.#over) {
      clearTimeout(this.#timer);
      this.#carrier = new PortCarrier(this.#link, 'server', this.#n, () => this.#link.detach('client', this));
      this.#events.opened(this.#carrier);
    }
  }

  misread(cause: unknown): void {
    this.#carrier?.misread(cause);
  }

  closed(): void {
    if (this.#carrier === undefined) this.#fail(new IPCError('ERR_IPC_CONNECT', CLOSED));
    else this.#carrier.lose();
  }

  #ask(): void {
    this.#link.post({ 'omni-ipc': 'server', n: this.#n, kind: 'open' });
  }

  #fail(error: IPCError | undefined): void {
    if (this.#over || this.#carrier !== undefined) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#link.detach('client', this);
    this.#events.failed(error);
  }
}

const CLOSED = 'The message port is closed; connect over another one.';
const CONNECTED =
  'A client of this process is connected over the message port already; close it first, or connect over another port.';

/** Serves one end of a port. It has one client at a time. */
class PortListener implements Listener, PortReceiver {
  readonly port = undefined;
  readonly #link: PortLink;
  readonly #events: ListenEvents<MessageCarrier>;
  #carrier: PortCarrier | undefined;
  #listening = true;

  constructor(link: PortLink, events: ListenEvents<MessageCarrier>) {
    this.#link = link;
    this.#events = events;
    link.attach('server', this);
    link.post({ 'omni-ipc': 'client', n: 0, kind: 'listening' });
  }

  get server(): PortLike {
    return this.#link.port;
  }

  message(message: PortMessage): void {
    if (message.kind === 'open') this.#open(message.n);
    else this.#carrier?.take(message);
  }

  misread(cause: unknown): void {
    this.#carrier?.misread(cause);
  }

  closed(): void {
    this.#carrier?.lose();
  }

  async close(): Promise<void> {
    this.#listening = false;
    if (this.#carrier === undefined) this.#link.detach('server', this);
  }

  ref(): void {
    (this.#link.port as { ref?(): void }).ref?.();
  }

  unref(): void {
    (this.#link.port as { unref?(): void }).unref?.();
  }

  /** A new request from the client means that it has abandoned its last connection. */
  #open(n: number): void {
    if (!this.#listening || this.#carrier?.n === n) return;
    this.#carrier?.lose();
    const carrier: PortCarrier = new PortCarrier(this.#link, 'client', n, () => this.#closed(carrier));
    this.#carrier = carrier;
    this.#link.post({ 'omni-ipc': 'client', n, kind: 'opened' });
    this.#events.socket(carrier);
  }

  #closed(carrier: PortCarrier): void {
    if (this.#carrier !== carrier) return;
    this.#carrier = undefined;
    if (!this.#listening) this.#link.detach('server', this);
  }
}

/** The transport over message ports, workers and processes; see {@link PortLike}. */
export const port: Transport<PortAddress, MessageCarrier> = {
  carries: 'messages',
  describe: () => 'a message port',
  url: () => 'port:',
  unassured: () => undefined,
  dial(address, options, events) {
    const link = PortLink.of(checkPortLike(address.port));
    if (link.over) throw new IPCError('ERR_IPC_CONNECT', CLOSED);
    return new PortDial(link, options, events);
  },
  async listen(address, _options, events) {
    const link = PortLink.of(checkPortLike(address.port));
    if (link.over) throw new IPCError('ERR_IPC_ADDRESS', CLOSED.replace('connect over', 'serve'));
    if (link.has('server')) {
      throw new IPCError(
        'ERR_IPC_IN_USE',
        'This process serves the message port already; stop that server first.',
      );
    }
    return new PortListener(link, events);
  },
  broken: brokenFailure,
};

/** @throws IPCError ERR_IPC_ARGUMENT if the value is not a port */
export function checkPortLike(given: unknown): PortLike {
  const candidate = (given ?? {}) as PortLike;
  const posts = typeof candidate.postMessage === 'function' || typeof candidate.send === 'function';
  const hears = typeof candidate.on === 'function' || typeof candidate.addEventListener === 'function';
  if (posts && hears) return candidate;
  throw new IPCError(
    'ERR_IPC_ARGUMENT',
    `${brief(given)} cannot carry messages; give a MessagePort, a Worker, parentPort, a child process with an IPC channel, or process in such a child.`,
  );
}
