import type { Config } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';
import { closeInfoOf, metaOf, type Packet } from '../../entities/packet.js';
import type { ClientInfo, LocalServer } from '../../lib/backplane.js';
import { goneError } from '../../lib/server-clients.js';
import type { Channel } from '../channel/index.js';
import { answered, packetOf, type Relay, record, requestOf, textOf, textsOf } from './relayed.js';

/** Handles the events and requests of other servers: passes them to the clients of this one. */
export class RelayHandlers {
  readonly #channel: Channel<Relay>;
  readonly #config: Config;
  readonly #local: LocalServer;
  readonly #failed: (error: IPCError) => void;
  /** The requests that other servers wait for, by the server's number and that of the request. */
  readonly #asked = new Map<string, AbortController>();

  /** @param failed called with the errors of events, which have no answer */
  constructor(
    channel: Channel<Relay>,
    config: Config,
    local: LocalServer,
    failed: (error: IPCError) => void,
  ) {
    this.#channel = channel;
    this.#config = config;
    this.#local = local;
    this.#failed = failed;
    this.#listen();
    this.#answer();
  }

  /** Another server has left. Aborts its requests. */
  left(number: number): void {
    for (const [key, controller] of this.#asked) if (key.startsWith(`${number} `)) controller.abort();
  }

  /** Aborts all requests. */
  abort(): void {
    for (const controller of this.#asked.values()) controller.abort();
  }

  #listen(): void {
    const channel = this.#channel;
    channel.on('broadcast', (_sender, packet, except) =>
      this.#guard(() => this.#local.broadcast(this.#packet(packet), textsOf(except))),
    );
    channel.on('publish', (_sender, message) =>
      this.#guard(() => {
        const published = record(message);
        this.#local.publish(textOf(published.topic), published.data, metaOf(published));
      }),
    );
    channel.on('emit', (sender, id, packet) => this.#guard(() => this.#emit(sender, textOf(id), packet)));
    channel.on('end', (_sender, id, bye) =>
      this.#guard(() => this.#local.clients().end(textOf(id), bye ? closeInfoOf(bye) : undefined)),
    );
    channel.on('abort', (sender, call) => this.#asked.get(`${sender} ${call}`)?.abort());
  }

  #answer(): void {
    const channel = this.#channel;
    channel.handle('ask', (request, sender) => {
      const { call, id, ...asked } = record(request);
      return this.#answering(sender, call, (signal) => {
        const { type, data, ...options } = requestOf(asked);
        return this.#local.clients().ask(textOf(id), type, data, { ...options, signal });
      });
    });
    channel.handle('survey', (request, sender) => {
      const { call, ...asked } = record(request);
      return this.#answering(sender, call, async (signal) => {
        const { type, data, ...options } = requestOf(asked);
        return (await this.#local.clients().survey(type, data, { ...options, signal })).map(answered);
      });
    });
    channel.handle('deliver', (request) => {
      const { id, packet } = record(request);
      const client = textOf(id);
      const clients = this.#local.clients();
      if (!clients.has(client)) return false;
      clients.emit(client, this.#packet(packet));
      return true;
    });
    channel.handle('list', () => this.#local.clients().list() as ClientInfo[]);
  }

  #packet(value: unknown): Packet {
    return packetOf(value, this.#config.rawBuffer);
  }

  /** Delivers a packet from another server to a client of this one. */
  #emit(sender: number, id: string, packet: unknown): void {
    const local = this.#local.clients();
    const passed = this.#packet(packet);
    if (local.has(id)) local.emit(id, passed);
    else {
      const { code, message } = goneError(passed.type, id);
      this.#channel.to(sender).emit('failed', { code, message });
    }
  }

  /** Processes input of another server. Invalid input is reported and affects nothing else. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failed(error as IPCError);
    }
  }

  /** Runs an operation that another server requested, until that server aborts it. */
  async #answering<Answer>(
    sender: number,
    call: unknown,
    act: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const key = `${sender} ${call}`;
    const controller = new AbortController();
    this.#asked.set(key, controller);
    try {
      return await act(controller.signal);
    } finally {
      if (this.#asked.get(key) === controller) this.#asked.delete(key);
    }
  }
}
