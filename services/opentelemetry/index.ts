/**
 * Traces and metrics through `@opentelemetry/api`, which the program has installed with an SDK of its choice. The import alone
 * begins to trace requests and streams, and to measure; so `node --import ./telemetry.js --import omni-ipc/opentelemetry app.js` needs
 * no change to a program. OMNI_IPC_TRACE, such as `requests,events,topics`, says what is traced.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { intercept } from '../../lib/interceptors.js';
import { Registry } from '../inspect/registry.js';
import { openTelemetry } from './api.js';
import { callEvent } from './follow.js';
import { observeGauges } from './gauges.js';
import { fromEnvironment, type InstrumentOptions, settings } from './options.js';
import { observeSizes } from './sizes.js';
import { Tracing } from './tracing.js';

export type { InterceptedMessage } from '../../lib/interceptors.js';
export type { InstrumentOptions } from './options.js';

const NAME = 'omni-ipc';
const REQUESTS = 'omni-ipc:request';

let stop = () => {};

/**
 * Starts to trace and measure with these options, which replace earlier ones. Metrics use the meter provider that is
 * registered at this time; spans also find a provider that is registered later.
 * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_MISSING_PACKAGE
 * @example
 * import { instrument } from 'omni-ipc/opentelemetry';
 * instrument({ events: true, filter: ({ type }) => type !== 'heartbeat' });
 */
export function instrument(options: InstrumentOptions = {}): void {
  const chosen = settings(options);
  const api = openTelemetry();
  uninstrument();
  const meter = chosen.metrics ? api.metrics.getMeter(NAME) : undefined;
  const ends = [intercept(new Tracing(api, chosen, api.trace.getTracer(NAME), meter))];
  if (meter !== undefined) ends.push(observeGauges(meter, registry), observeSizes(meter));
  if (chosen.requests) {
    subscribe(REQUESTS, callEvent);
    ends.push(() => unsubscribe(REQUESTS, callEvent));
  }
  stop = () => {
    for (const end of ends) end();
  };
}

/** Stops tracing and measuring. */
export function uninstrument(): void {
  stop();
  stop = () => {};
}

/** Created at import, so that it sees all clients and servers. */
const registry = new Registry(() => {});

instrument(fromEnvironment(process.env));
