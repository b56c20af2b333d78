import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import type { InterceptedMessage } from '../../lib/interceptors.js';

/** What is traced and measured; each may be left out. */
export interface InstrumentOptions {
  /** Client and server spans, and durations, of requests and streams. Default: true. */
  requests?: boolean;
  /** Producer and consumer spans of events. Default: false. */
  events?: boolean;
  /** Producer and consumer spans of what is published under topics. Default: false. */
  topics?: boolean;
  /** Metrics: durations of calls, sizes of packets, counts of messages and bytes, open calls, queued bytes, connections and reconnects. Default: true. */
  metrics?: boolean;
  /** W3C trace context in the packets' `meta`, so that the other process's spans join the trace. Default: true. */
  propagation?: boolean;
  /** Says which messages are traced. Default: all. */
  filter?: (message: InterceptedMessage) => boolean;
}

/** The options, complete. */
export type Settings = Required<InstrumentOptions>;

const SWITCHES = ['requests', 'events', 'topics', 'metrics', 'propagation'] as const;

/** @throws IPCError ERR_IPC_CONFIG that names the bad option */
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

/** What the environment asks for: OMNI_IPC_TRACE names kinds of messages, such as `requests,events,topics`. */
export function fromEnvironment({ OMNI_IPC_TRACE: kinds }: NodeJS.ProcessEnv): InstrumentOptions {
  if (kinds === undefined) return {};
  const named = kinds.split(',').map((kind) => kind.trim());
  const has = (kind: string) => named.includes(kind);
  return { requests: has('requests'), events: has('events'), topics: has('topics') };
}
