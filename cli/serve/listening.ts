import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { CallContext, Endpoint, Server } from '../../index.js';
import { type Address, formatAddress } from '../address.js';
import type { Values } from '../command.js';
import { escapeText } from '../escape.js';
import { clock } from '../figures.js';
import type { Printer } from '../printer.js';
import { configFault, serverIPC } from '../settings.js';
import type { Answerer } from './answerer.js';

/** How many request types are registered at most, since clients choose their names. */
const MOST_TYPES = 10_000;
const PUBLISH = 'ipc:publish';
const STREAM = 'ipc:stream';

/** A packet as the diagnostics channel `omni-ipc:packet.in` publishes it. */
interface Seen {
  readonly side: string;
  readonly socket: object;
  readonly packet: {
    readonly type: string;
    readonly data: unknown;
    readonly id?: unknown;
    readonly re?: unknown;
    readonly error?: unknown;
  };
}

/**
 * The inner call, if the packet opens a stream.
 * @param longest the longest name that the server answers, in characters
 */
function callIn({ type, data, id }: Seen['packet'], longest: number): Seen['packet'] | undefined {
  if (type !== STREAM || id === undefined || typeof data !== 'object' || data === null) return undefined;
  const { type: name, data: given = {} } = data as { type?: unknown; data?: unknown };
  return typeof name === 'string' && name.length <= longest ? { type: name, data: given, id } : undefined;
}

/** A server that prints each packet and answers as configured. */
export class Listening {
  readonly #server: Server;
  readonly #address: Address;
  readonly #values: Values;
  readonly #out: Printer;
  readonly #answerer: Answerer;
  readonly #handled = new Set<string>();
  readonly #numbers = new WeakMap<object, number>();
  #count = 0;
  /** Whether the latest packet opened a stream. The next handler call belongs to that packet. */
  #streams = false;

  constructor(address: Address, values: Values, out: Printer, answerer: Answerer) {
    this.#address = address;
    this.#values = values;
    this.#out = out;
    this.#answerer = answerer;
    this.#server = makeServer(address, values);
  }

  async start(): Promise<void> {
    const server = this.#server;
    try {
      await server.start();
    } catch (error) {
      throw configFault(error);
    }
    subscribe('omni-ipc:packet.in', this.#seen);
    server.on('error', (error) => this.#out.error('omni-ipc', `${error.code}: ${error.message}`));
    if (this.#values.quiet !== true) {
      server.on('connect', (socket) => this.#remark(`${this.#nameOf(socket)} connected`));
      server.on('disconnect', (socket) => this.#remark(`${this.#nameOf(socket)} disconnected`));
    }
    const bound = this.#address.transport === 'unix' ? {} : { host: server.path, port: server.port ?? 0 };
    this.#remark(`listening on ${formatAddress({ ...this.#address, ...bound } as Address)}`);
  }

  async stop(): Promise<void> {
    unsubscribe('omni-ipc:packet.in', this.#seen);
    await this.#server.stop({ timeout: 1000 });
  }

  readonly #seen = (message: unknown): void => {
    const { side, socket, packet: came } = message as Seen;
    if (side !== 'server' || came.re !== undefined || came.error !== undefined) return;
    const call = callIn(came, this.#server.config.maxEventNameLength);
    this.#streams = call !== undefined;
    const packet = call ?? came;
    if (call === undefined && packet.type.startsWith('ipc:') && packet.type !== PUBLISH) return;
    if (this.#values.quiet !== true) this.#print(packet, socket);
    if (packet.type === PUBLISH || !this.#answerer.knows(packet.type)) return;
    if (packet.id === undefined) void this.#answerEvent(packet, socket);
    else this.#handle(packet.type);
  };

  /** Registers a handler for a type. It also handles the packet that has just arrived. */
  #handle(type: string): void {
    if (this.#handled.has(type) || this.#handled.size >= MOST_TYPES) return;
    this.#handled.add(type);
    const answerer = this.#answerer;
    this.#server.handle(type, (data: unknown, _socket: unknown, context: CallContext) =>
      this.#streams
        ? answerer.stream(type, data, context)
        : answerer.answer(type, data).then((said) => said?.data),
    );
  }

  async #answerEvent({ type, data }: Seen['packet'], socket: object): Promise<void> {
    try {
      const answer = await this.#answerer.answer(type, data);
      if (answer === undefined) return;
      if (this.#values.raw === true) this.#server.emit(socket as Endpoint, bytesOf(answer.data));
      else this.#server.emit(socket as Endpoint, type, answer.data);
    } catch (error) {
      this.#out.error('omni-ipc', `An event was not answered: ${(error as Error).message}`);
    }
  }

  #print({ type, data, id }: Seen['packet'], socket: object): void {
    const out = this.#out;
    const from = this.#nameOf(socket);
    if (
      this.#values.raw === true &&
      Buffer.isBuffer(data) &&
      !out.terminal &&
      this.#values.json !== true &&
      out.json
    ) {
      out.bytes(data);
      return;
    }
    const record = {
      time: Date.now(),
      from,
      ...(this.#values.raw === true ? {} : { type }),
      data,
      ...(id === undefined ? {} : { id }),
      ...(this.#streams ? { stream: true } : {}),
    };
    out.record(record, () => {
      const shown = this.#values.raw === true && Buffer.isBuffer(data) ? data.toString() : data;
      const mark = id === undefined ? '' : out.paint('yellow', ' ?');
      const what = out.paint('cyan', escapeText(type));
      return `${out.paint('dim', `${clock(record.time)}  ${from}`)}  ${what}${mark}  ${out.readable(shown)}`;
    });
  }

  #remark(text: string): void {
    this.#out.note(this.#out.paint('dim', escapeText(text)));
  }

  /** The display name: a number for a client, the address for a UDP peer. */
  #nameOf(socket: object): number | string {
    const { address, port } = socket as Partial<Endpoint>;
    if (typeof address === 'string') return `${address}:${port}`;
    const known = this.#numbers.get(socket);
    if (known !== undefined) return known;
    this.#numbers.set(socket, ++this.#count);
    return this.#count;
  }
}

function makeServer(address: Address, values: Values): Server {
  const ipc = serverIPC(address, values);
  ipc.config.rawBuffer = values.raw === true;
  try {
    if (address.transport === 'unix') return ipc.serve(address.path);
    if (address.transport === 'udp4' || address.transport === 'udp6')
      return ipc.serveNet(address.host, address.port, address.transport) as unknown as Server;
    return ipc.serveNet(address.host, address.port);
  } catch (error) {
    throw configFault(error);
  }
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
}
