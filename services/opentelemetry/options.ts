import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import type { InterceptedMessage } from '../../lib/interceptors.js';

/** What is traced and measured; all options are optional. */
export interface InstrumentOptions {
  /** Whether to record client and server spans and durations of requests and streams. @default true */
  requests?: boolean;
  /** Whether to record producer and consumer spans of events. @default false */
  events?: boolean;
  /** Whether to record producer and consumer spans of topic messages. @default false */
  topics?: boolean;
  /**
   * Whether to record metrics: durations of calls, sizes of packets, counts of messages and bytes, open calls, queued
   * bytes, connections and reconnects.
   * @default true
   */
  metrics?: boolean;
  /**
   * Whether to send W3C trace context in the `meta` of packets, so that the other process's spans join the trace. Default:
   * true.
   */
  propagation?: boolean;
  /** Returns whether a message is traced. @default all are */
  filter?: (message: InterceptedMessage) => boolean;
}

/** The options with defaults applied. */
export type Settings = Required<InstrumentOptions>;

const SWITCHES = ['requests', 'events', 'topics', 'metrics', 'propagation'] as const;

/** @throws IPCError ERR_IPC_CONFIG that names the invalid option */
export function settings(options: InstrumentOptions): Settings {
  for (const [key, value] of Object.entries(options)) {
    if (key === 'filter' && typeof value === 'function') continue;
    if ((SWITCHES as readonly string[]).includes(key) && typeof value === 'boolean') continue;
    const message = `instrument({ ${key.slice(0, 80)}: ${inspect(value, { depth: 0 })} }) is not an option; ${SWITCHES.join(', ')} are true or false, and filter is a function.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  return {
    requests: true,
    events: false,
    topics: false,
    metrics: true,
    propagation: true,
    filter: () => true,
    ...options,
  };
}

/** The options in the environment: OMNI_IPC_TRACE lists kinds of messages, such as `requests,events,topics`. */
export function fromEnvironment({ OMNI_IPC_TRACE: kinds }: NodeJS.ProcessEnv): InstrumentOptions {
  if (kinds === undefined) return {};
  const named = kinds.split(',').map((kind) => kind.trim());
  const has = (kind: string) => named.includes(kind);
  return { requests: has('requests'), events: has('events'), topics: has('topics') };
}
