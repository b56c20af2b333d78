import type { Config } from '../../entities/config.js';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import type { CloseInfo, Meta, Packet } from '../../entities/packet.js';
import type {
  Backplane,
  BackplaneEvents,
  ClientInfo,
  LocalServer,
  SurveyedClient,
} from '../../lib/backplane.js';
import { offAbort, onAbort } from '../../lib/conversations/aborts.js';
import type { RequestOptions } from '../../lib/conversations/request-options.js';
import { NO_INTERCEPTORS } from '../../lib/interceptors.js';
import { validated } from '../../lib/schemas.js';
import { goneError, serverOf } from '../../lib/server-clients.js';
import { Channel, type Run, type Undelivered } from '../channel/index.js';
import { RelayHandlers } from './relay-handlers.js';
import {
  clientsAt,
  errorOf,
  type Relay,
  type RelayedPacket,
  record,
  relayed,
  surveyedAt,
} from './relayed.js';

/** The kinds of requests between servers. */
type Question = 'ask' | 'survey' | 'list' | 'deliver';

/** How much longer another server may take to answer than its clients, in milliseconds. */
const GRACE_MS = 1000;

/** The servers with the same `config.id` as members of a channel. The id of a server is the id of its run. */
export class ChannelBackplane implements Backplane {
  readonly #channel: Channel<Relay>;
  readonly #config: Config;
  readonly #events: BackplaneEvents;
  readonly #handlers: RelayHandlers;
  #calls = 0;
  #others: Run[] | undefined;
  #joined = false;
  /** The error with which joining has failed. */
  #fault: unknown;

  private constructor(config: Config, local: LocalServer, events: BackplaneEvents) {
    this.#config = config;
    this.#events = events;
    // Interceptors see requests at the server that sends them and at the client that answers, so the channel needs none.
    this.#channel = new Channel(channelOptions(config), { interceptors: NO_INTERCEPTORS });
    this.#handlers = new RelayHandlers(this.#channel, config, local, (error) => events.failed(error));
    this.#listen();
  }

  /**
   * Joins the servers with the same id.
   * @throws IPCError (rejects) ERR_IPC_CONFIG, and the codes of a channel's `ready()`
   */
  static async join(config: Config, local: LocalServer, events: BackplaneEvents): Promise<ChannelBackplane> {
    try {
      const backplane = new ChannelBackplane(config, local, events);
      await backplane.#join();
      return backplane;
    } catch (error) {
      throw notJoined(error);
    }
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

  end(id: string, bye: CloseInfo | undefined): boolean {
    const server = serverOf(id);
    const to = this.#runs.filter((run) => server === undefined || run.id === server);
    return to.length > 0 && this.#channel.to(to).emit('end', id, bye);
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

  async survey(type: string, data: unknown, options: RequestOptions): Promise<SurveyedClient[]> {
    const { timeout = this.#config.requestTimeout, meta } = options;
    const answers = await this.#askOthers('survey', { type, data, timeout, meta }, options);
    return answers.flatMap(({ server, result }): SurveyedClient[] => {
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
    this.#handlers.abort();
    await this.#channel.close({ timeout });
  }

  async #join(): Promise<void> {
    try {
      await this.#channel.ready();
      this.#joined = true;
    } catch (error) {
      this.#fault = error;
      throw error;
    }
  }

  /** Reports an error of the channel, unless joining fails with it, of which the channel tells in the same turn. */
  #failed(error: IPCError): void {
    if (this.#joined) this.#events.failed(error);
    else setImmediate(() => error !== this.#fault && this.#events.failed(error));
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
    channel.on('error', (error) => this.#failed(error));
    channel.on('undelivered', (message) => this.#undelivered(message));
    channel.on('join', (_number, _name, id) => {
      this.#others = undefined;
      this.#events.joined(id as string);
    });
    channel.on('leave', (number, _name, id) => {
      this.#others = undefined;
      this.#handlers.left(number);
      this.#events.left(id as string);
    });
    channel.on('failed', (_sender, error) => this.#events.failed(errorOf(error)));
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

/** The error of a server that cannot start because of its backplane, the options of which are those of a channel. */
function notJoined(cause: unknown): IPCError {
  const message = `The server cannot join its backplane (config.backplane): ${messageOf(cause)}`;
  return new IPCError(cause instanceof IPCError ? cause.code : 'ERR_IPC_CONNECT', message, { cause });
}

function channelOptions({ backplane, appspace, id }: Config): object {
  const options = typeof backplane === 'object' ? backplane : {};
  return { ...options, name: options.name ?? `backplane ${appspace}${id}` };
}

function isGone(error: unknown): boolean {
  return codeOf(error) === 'ERR_IPC_DISCONNECTED';
}

function serverGone(server: string, cause: unknown): IPCError {
  const message = `The server ${server} left before it answered, and its clients are gone with it.`;
  return new IPCError('ERR_IPC_DISCONNECTED', message, { cause });
}
