import { flag, type Settings } from './setting.js';

/** How servers with the same `config.id` reach each other. These are options of a channel; see docs/channel.md. */
export interface BackplaneOptions {
  /** The name of the group. Servers with the same name act as one. @default made from `config.appspace` and `config.id` */
  name?: string | undefined;
  /**
   * Connection options of `@nats-io/transport-node`, for servers on several machines. Default: none; the servers are on
   * this machine.
   */
  nats?:
    | {
        /** The address of the NATS server, or several of them: `nats://10.0.0.5:4222`. */
        servers?: string | string[];
        [option: string]: unknown;
      }
    | undefined;
  /** The directory of the sockets that connect the servers on this machine. Only this user may have access to it. */
  directory?: string | undefined;
  /** The time between two heartbeats, in milliseconds. @default 500 */
  heartbeat?: number | undefined;
  /** How long messages to a server that is away are kept, in milliseconds. @default 10000 */
  absenceTimeout?: number | undefined;
  /** The maximum length of a message between servers, in characters of JSON. @default 16 Mi */
  maxMessageSize?: number | undefined;
  /** The maximum number of bytes that wait for other servers. @default 64 MiB */
  maxPendingBytes?: number | undefined;
}

/** Whether several servers act as one. */
export interface BackplaneConfig {
  /**
   * Makes servers with the same `id` act as one: with `true` those of this user on this machine, such as the workers of a
   * cluster; with `{ nats: { servers } }` those on several machines. See docs/scaling.md.
   * @default false
   * @example
   * ipc.config.backplane = { nats: { servers: 'nats://10.0.0.5:4222' } };
   */
  backplane: boolean | BackplaneOptions;
}

export const BACKPLANE: Settings<BackplaneConfig> = {
  backplane: {
    default: false,
    check: (value) => flag(value) || (typeof value === 'object' && value !== null),
    expected: "true, false, or a channel's options such as { nats: { servers: 'nats://127.0.0.1:4222' } }",
    unset: false,
  },
};
