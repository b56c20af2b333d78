import type { Config } from '../../entities/config.js';
import { codeOf, IPCError } from '../../entities/errors.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import { type CloseInfo, closeInfoOf, type Meta, metaOf, type Packet } from '../../entities/packet.js';
import type { Backplane, BackplaneEvents, ClientInfo, LocalServer, Surveyed } from '../../lib/backplane.js';
import { offAbort, onAbort } from '../../lib/conversations/aborts.js';
import type { RequestOptions } from '../../lib/conversations/request-options.js';
import { NO_INTERCEPTORS } from '../../lib/interceptors.js';
import { validated } from '../../lib/schemas.js';
import { goneError, serverOf } from '../../lib/server-clients.js';
import { Channel, type Run, type Undelivered } from '../channel/index.js';
import {
  answered,
  clientsAt,
  errorOf,
  packetOf,
  type Relay,
  type RelayedPacket,
  record,
  relayed,
  requestOf,
  surveyedAt,
  textOf,
  textsOf,
} from './relayed.js';

/** The kinds of requests between servers. */
type Question = 'ask' | 'survey' | 'list' | 'deliver';

/** How much longer another server may take to answer than its clients, in milliseconds. */
const GRACE_MS = 1000;

/** The servers with the same `config.id` as members of a channel. The id of a server is the id of its run. */
export class ChannelBackplane implements Backplane {
  readonly #channel: Channel<Relay>;
  readonly #config: Config;
  readonly #local: LocalServer;
  readonly #events: BackplaneEvents;
  /** The requests that others wait for, by the number of who asked and that of the request. */
  readonly #asked = new Map<string, AbortController>();
  #calls = 0;
  #others: Run[] | undefined;

  private constructor(config: Config, local: LocalServer, events: BackplaneEvents) {
    this.#config = config;
    this.#local = local;
    this.#events = events;
    // Interceptors see requests at the server that sends them and at the client that answers, so the channel needs none.
    this.#channel = new Channel(channelOptions(config), { interceptors: NO_INTERCEPTORS });
    this.#listen();
    this.#answer();
  }

  /**
   * Joins the servers with the same id.
   * @throws IPCError (rejects) ERR_IPC_CONFIG, and all errors of a channel's `ready()`
   */
  static async join(config: Config, local: LocalServer, events: BackplaneEvents): Promise<ChannelBackplane> {
    const backplane = new ChannelBackplane(config, local, events);
    await backplane.#channel.ready();
    return backplane;
  }

  get server(): string {
    return this.#channel.id;
  }

  get others(): readonly string[] {
    return this.#runs.map(({ id }) => id);
  }

  broadcast(packet: Packet, except: readonly string[]): void {
    const to = this.#runs;
    if (to.length > 0)
      this.#channel.to(to).emit('broadcast', relayed(packet, this.#config.rawBuffer), except);
  }

  publish(topic: string, data: unknown, meta: Meta | undefined): void {
    const to = this.#runs;
    if (to.length > 0) this.#channel.to(to).emit('publish', { topic, data, meta });
  }

  emit(id: string, packet: Packet): boolean {
    const server = serverOf(id);
    const passed = relayed(packet, this.#config.rawBuffer);
    if (server !== undefined) return this.#channel.to({ id: server }).emit('emit', id, passed);
    void this.#emitByLabel(id, packet.type, passed);
    return true;
  }

  end(id: string, bye: CloseInfo | undefined): void {
    const server = serverOf(id);
    const to = server === undefined ? this.#runs : [{ id: server }];
    if (to.length > 0) this.#channel.to(to).emit('end', id, bye);
  }

  async ask(id: string, type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const { output, timeout = this.#config.requestTimeout, meta } = options;
    const server = serverOf(id);
    const request = { id, type, data, timeout, meta };
    const response = await (server === undefined
      ? this.#askByLabel(request, options)
      : this.#call(server, 'ask', request, options));
    if (output === undefined) return response;
    const what = `The response to ${type} does not fit its schema`;
    return await validated(output, response, { code: 'ERR_IPC_INVALID_OUTPUT', what });
  }

  async survey(type: string, data: unknown, options: RequestOptions): Promise<Surveyed[]> {
    const { timeout = this.#config.requestTimeout, meta } = options;
    const answers = await this.#askOthers('survey', { type, data, timeout, meta }, options);
    return answers.flatMap(({ server, result }): Surveyed[] => {
      if (result.status === 'fulfilled') return surveyedAt(server, result.value);
      return [{ server, ...result }];
    });
  }

  async list(timeout: number): Promise<ClientInfo[]> {
    const answers = await this.#askOthers('list', {}, { timeout });
    return answers.flatMap(({ server, result }) => {
      if (result.status === 'fulfilled') return clientsAt(server, result.value);
      // If a server has gone, its clients have gone, too, which is not an error.
      if (!isGone(result.reason)) this.#events.failed(result.reason);
      return [];
    });
  }

  ref(): void {
    this.#channel.ref();
  }

  unref(): void {
    this.#channel.unref();
  }

  async leave(timeout?: number): Promise<void> {
    for (const controller of this.#asked.values()) controller.abort();
    await this.#channel.close({ timeout });
  }

  /** The other servers at this moment. */
  get #runs(): readonly Run[] {
    const { id: own } = this.#channel;
    this.#others ??= this.#channel.members.filter(({ id }) => id !== own);
    return this.#others;
  }

  #has(server: string): boolean {
    return this.#channel.members.some(({ id }) => id === server);
  }

  /** Sends an event to the client with a label. Any server may have it, so all are asked. */
  async #emitByLabel(id: string, type: string, packet: RelayedPacket): Promise<void> {
    const answers = await this.#askOthers('deliver', { id, packet }, {});
    if (answers.some(({ result }) => result.status === 'fulfilled' && result.value === true)) return;
    const failure = answers.find(({ result }) => result.status === 'rejected' && !isGone(result.reason));
    this.#events.failed((failure?.result as PromiseRejectedResult)?.reason ?? goneError(type, id));
  }

  /**
   * Sends a request to the client with a label. The first server that has the client answers; if none has it, the request
   * fails.
   */
  async #askByLabel(request: { id: string; type: string }, options: RequestOptions): Promise<unknown> {
    const asked = this.others.map((server) => this.#call(server, 'ask', request, options));
    const failures: unknown[] = [];
    const answer = asked.map((response) =>
      response.catch((error) => {
        failures.push(error);
        if (!isGone(error) || failures.length === asked.length) return Promise.reject(error);
        return new Promise<never>(() => {});
      }),
    );
    if (answer.length === 0) throw goneError(`The request ${request.type}`, request.id);
    return await Promise.race(answer);
  }

  #listen(): void {
    const channel = this.#channel;
    channel.on('error', (error) => this.#events.failed(error));
    channel.on('undelivered', (message) => this.#undelivered(message));
    channel.on('join', (_number, _name, id) => {
      this.#others = undefined;
      this.#events.joined(id as string);
    });
    channel.on('leave', (number, _name, id) => {
      this.#others = undefined;
      for (const [key, controller] of this.#asked) if (key.startsWith(`${number} `)) controller.abort();
      this.#events.left(id as string);
    });
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
    channel.on('failed', (_sender, error) => this.#events.failed(errorOf(error)));
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
      this.#events.failed(error as IPCError);
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

  async #askOthers(
    kind: Question,
    request: object,
    options: RequestOptions,
  ): Promise<{ server: string; result: PromiseSettledResult<unknown> }[]> {
    const servers = this.others;
    const results = await Promise.allSettled(
      servers.map((server) => this.#call(server, kind, request, options)),
    );
    return results.map((result, i) => ({ server: servers[i] as string, result }));
  }

  /** Sends a request to another server, with a slightly longer timeout than that of its clients. */
  async #call(
    server: string,
    kind: Question,
    request: object,
    { timeout = this.#config.requestTimeout, signal }: RequestOptions,
  ): Promise<unknown> {
    const call = ++this.#calls;
    const to = this.#channel.to({ id: server });
    const abort = () => to.emit('abort', call);
    if (signal?.aborted === false) onAbort(signal, abort);
    try {
      const patience = timeout === 0 ? 0 : Math.min(timeout + GRACE_MS, LONGEST_TIMER);
      return await to.request(kind, { ...request, call } as never, { timeout: patience, signal });
    } catch (error) {
      // A server that reports that one of its own clients has gone is still there itself.
      const gone = codeOf(error) === 'ERR_IPC_UNDELIVERED' || (isGone(error) && !this.#has(server));
      throw gone ? serverGone(server, error) : error;
    } finally {
      if (signal !== undefined) offAbort(signal, abort);
    }
  }

  /**
   * Reports undelivered messages to single clients. Broadcasts are not reported: if a server has gone, all of its clients
   * have.
   */
  #undelivered({ event, data: [id, packet] }: Undelivered): void {
    if (event !== 'emit') return;
    const { type = 'data' } = record(packet);
    this.#events.failed(goneError(`${type}`, id as string));
  }
}

/** @throws IPCError ERR_IPC_CONFIG */
function channelOptions({ backplane, appspace, id }: Config): object {
  const options = typeof backplane === 'object' ? backplane : {};
  for (const key of ['peer', 'group']) {
    if (!(key in options)) continue;
    const message = `config.backplane has the option ${key}, which a backplane does not support; leave it out.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  return { ...options, name: options.name ?? `backplane ${appspace}${id}` };
}

function isGone(error: unknown): boolean {
  return codeOf(error) === 'ERR_IPC_DISCONNECTED';
}

function serverGone(server: string, cause: unknown): IPCError {
  const message = `The server ${server} left before it answered, and its clients are gone with it.`;
  return new IPCError('ERR_IPC_DISCONNECTED', message, { cause });
}
