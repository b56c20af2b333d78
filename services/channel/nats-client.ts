import { IPCError, messageOf } from '../../entities/errors.js';
import { loadPackage } from '../../lib/codecs/optional-packages.js';
import { type NatsOptions, withoutCredentials } from './nats-options.js';

/** A received message. */
export interface NatsMessage {
  readonly subject: string;
  readonly headers?: { get(name: string): string } | undefined;
  string(): string;
}

export interface NatsSubscription {
  unsubscribe(): void;
}

/** The part of a NATS connection's API that is used. */
export interface NatsConnection {
  readonly info?: { readonly max_payload: number } | undefined;
  publish(subject: string, payload: string, options?: { headers: unknown }): void;
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: NatsMessage) => void },
  ): NatsSubscription;
  flush(): Promise<void>;
  close(): Promise<void>;
  closed(): Promise<undefined | Error>;
  isClosed(): boolean;
  status(): AsyncIterable<{ type: string; error?: unknown }>;
}

export interface KvEntry {
  readonly revision: number;
  readonly operation: string;
  string(): string;
}

/** The part of a key-value bucket's API that is used. */
export interface Bucket {
  create(key: string, value: string): Promise<number>;
  update(key: string, value: string, revision: number, timeout?: number): Promise<number>;
  put(key: string, value: string): Promise<number>;
  get(key: string): Promise<KvEntry | null>;
  delete(key: string, options?: { previousSeq: number }): Promise<void>;
  status(): Promise<{ readonly ttl: number }>;
}

interface BucketOptions {
  /** How long keys live, in milliseconds; 0 keeps them forever. */
  readonly ttl: number;
  readonly history: number;
}

interface Buckets {
  create(name: string, options: BucketOptions): Promise<Bucket>;
  open(name: string): Promise<Bucket>;
}

interface TransportModule {
  connect(options: NatsOptions): Promise<NatsConnection>;
  headers(): { set(name: string, value: string): void };
}

interface KvModule {
  Kvm: new (connection: NatsConnection) => Buckets;
}

/** The part of JetStream's management API that is used. */
interface Manager {
  readonly streams: {
    info(
      stream: string,
      options: { subjects_filter: string },
    ): Promise<{ readonly state: { readonly subjects?: Record<string, number> } }>;
  };
}

interface JetStreamModule {
  jetstreamManager(connection: NatsConnection, options: { checkAPI: false }): Promise<Manager>;
}

const PACKAGES = '@nats-io/transport-node @nats-io/jetstream @nats-io/kv';
const SETTING = "The channel's option nats";

/** How long a server may take to let this process in, unless the options say otherwise, in milliseconds. */
const CONNECT_MS = 10_000;

/** A connection to NATS, with what the channel needs of it. */
export class NatsClient {
  readonly connection: NatsConnection;
  readonly #module: TransportModule;
  readonly #buckets: Buckets;
  readonly #manager: Manager;

  private constructor(
    module: TransportModule,
    connection: NatsConnection,
    buckets: Buckets,
    manager: Manager,
  ) {
    this.#module = module;
    this.connection = connection;
    this.#buckets = buckets;
    this.#manager = manager;
  }

  /** @throws IPCError (rejects) ERR_IPC_MISSING_PACKAGE with the command that installs them, ERR_IPC_CONNECT */
  static async connect(options: NatsOptions): Promise<NatsClient> {
    const module = loadPackage<TransportModule>(PACKAGES, SETTING, '@nats-io/transport-node');
    const { Kvm } = loadPackage<KvModule>(PACKAGES, SETTING, '@nats-io/kv');
    const { jetstreamManager } = loadPackage<JetStreamModule>(PACKAGES, SETTING, '@nats-io/jetstream');
    try {
      const connection = await module.connect({
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        timeout: CONNECT_MS,
        ...options,
      });
      const manager = await jetstreamManager(connection, { checkAPI: false });
      return new NatsClient(module, connection, new Kvm(connection), manager);
    } catch (cause) {
      const where = [options.servers ?? '127.0.0.1:4222'].flat().join(', ');
      const message = `There is no connection to NATS at ${where}: ${messageOf(cause)}. Start nats-server -js, or check nats.`;
      throw new IPCError('ERR_IPC_CONNECT', withoutCredentials(message), { cause });
    }
  }

  /**
   * Opens a bucket, and creates it unless it exists.
   * @param ttl how long a key lives, in milliseconds; 0 for ever
   */
  async bucket(name: string, ttl: number): Promise<Bucket> {
    try {
      const bucket = await this.#buckets.open(name);
      await bucket.status();
      return bucket;
    } catch {
      try {
        return await this.#buckets.create(name, { ttl, history: 1 });
      } catch (cause) {
        const message =
          `The NATS bucket ${name} cannot be created: ${messageOf(cause)}. ` +
          'Start nats-server with -js, and allow the user to use JetStream.';
        throw new IPCError('ERR_IPC_CONNECT', message, { cause });
      }
    }
  }

  /**
   * The values of a bucket's keys. `bucket.keys()` is not used: it reads the keys through a consumer, and if one of them is
   * written or deleted in the meantime, it waits for a heartbeat of 5 seconds.
   * @param pattern `number.*`, or `>` for all
   */
  async values(name: string, pattern: string): Promise<Map<string, string>> {
    const prefix = `$KV.${name}.`;
    const options = { subjects_filter: prefix + pattern };
    const { state } = await this.#manager.streams.info(`KV_${name}`, options);
    const bucket = await this.#buckets.open(name);
    const values = new Map<string, string>();
    const read = async (key: string): Promise<void> => {
      const entry = await bucket.get(key);
      if (entry?.operation === 'PUT') values.set(key, entry.string());
    };
    await Promise.all(Object.keys(state.subjects ?? {}).map((subject) => read(subject.slice(prefix.length))));
    return values;
  }

  /** Creates headers with one field. */
  headers(name: string, value: string): unknown {
    const headers = this.#module.headers();
    headers.set(name, value);
    return headers;
  }
}
