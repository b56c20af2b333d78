import { flag, type Settings } from './setting.js';

/** How the servers of one `config.id` reach each other: the options of a channel, see docs/channel.md. */
export interface BackplaneOptions {
  /** Servers with the same name act as one. Default: of `config.appspace` and `config.id`. */
  name?: string | undefined;
  /** Connection options of `@nats-io/transport-node`, for servers on many machines. Default: none, this machine alone. */
  nats?: { servers?: string | string[]; [option: string]: unknown } | undefined;
  /** Where the servers of this machine meet; only this user may have access. */
  directory?: string | undefined;
  heartbeat?: number | undefined;
  absenceTimeout?: number | undefined;
  maxMessageSize?: number | undefined;
  maxPendingBytes?: number | undefined;
}

/** Whether servers act as one. */
export interface BackplaneConfig {
  /**
   * Servers with the same `id` act as one: those of this user on this machine, as the workers of a cluster (true), or on many
   * machines (`{ nats: { servers } }`). See docs/scaling.md.
   * @default false
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
