import type { EventEmitter } from 'node:events';
import { PUBLISH } from '../../entities/packet.js';
import { checkTopic } from '../../lib/conversations/topics.js';
import { emitSafely } from '../adapter/emit-safely.js';
import { Client, type ClientEvents, Server, type ServerEvents } from '../net-ipc/index.js';
import { DEFAULT_TIMEOUT } from '../net-ipc/timeout.js';
import { dispatch } from './event.js';

export { ClientStatus as IPCClientStatus } from '../../entities/events.js';
export type {
  ClientOptions as IPCClientOptions,
  Respond,
  ServerOptions as IPCServerOptions,
} from '../net-ipc/index.js';
export { Connection as IPCConnection } from '../net-ipc/index.js';
export type { Event } from './event.js';

/** What a frame is, on the wire. */
export const IPCMessageType = {
  CONNECTION: 0,
  MESSAGE: 1,
  REQUEST: 2,
  RESPONSE: 3,
  PING: 4,
  PONG: 5,
  END: 6,
} as const;

/** The events of clients and servers. */
export const IPCEvents = {
  READY: 'ready',
  ERROR: 'error',
  STATUS: 'status',
  CONNECT: 'connect',
  DISCONNECT: 'disconnect',
  MESSAGE: 'message',
  REQUEST: 'request',
  CLOSE: 'close',
} as const;

/** What a client's listeners are called with: net-ipc's events, and those that it has subscribed to. */
export interface IPCClientEvents extends ClientEvents {
  // biome-ignore lint/suspicious/noExplicitAny: what is published is what its listener says it is
  [event: string]: any[];
}

/** A message for those who have subscribed to an event. */
export interface PubMessage {
  /** The event. */
  pub: string;
  message?: unknown;
}

/**
 * A client by the API and on the wire of `@isdk/ipc-server`: net-ipc's, and events that clients publish and subscribe to.
 * Listeners are called with an {@link Event} as `this`; setting its `stopped` keeps those after them from hearing it.
 */
export class IPCClient extends Client<IPCClientEvents> {
  protected override readonly protocol = 'isdk-ipc';

  /** Has what is published as `event` emitted here under that name, over reconnects too. Resolves when the server knows. */
  async subscribe(event: string): Promise<void> {
    await this.engine.subscribe(event, this.#publish);
  }

  /** Resolves when the server knows. */
  async unsubscribe(event: string): Promise<void> {
    await this.engine.unsubscribe(event, undefined);
  }

  /** Sends a message to all who have subscribed to an event, this client included. Resolves when the server has it. */
  async publish(event: string, message?: unknown): Promise<void> {
    await this.engine.ask(PUBLISH, { topic: checkTopic(event), data: message }, { timeout: DEFAULT_TIMEOUT });
  }

  override emit<Type>(type: Type | keyof IPCClientEvents, ...args: unknown[]): boolean {
    return dispatch(this as unknown as EventEmitter, type as string | symbol, args);
  }

  readonly #publish = (message: unknown, event: string) =>
    emitSafely(this as unknown as EventEmitter, event, message);
}

/**
 * A server by the API and on the wire of `@isdk/ipc-server`: net-ipc's, and it passes on what clients publish to those who
 * have subscribed. Listeners are called with an {@link Event} as `this`, as {@link IPCClient}'s.
 */
export class IPCServer extends Server {
  protected override readonly protocol = 'isdk-ipc';

  /** Sends a message to all who have subscribed to an event. */
  async publish({ pub, message }: PubMessage): Promise<void> {
    this.engine?.core.publish(checkTopic(pub), message);
  }

  override emit<Type>(type: Type | keyof ServerEvents, ...args: unknown[]): boolean {
    return dispatch(this, type as string | symbol, args);
  }
}
