import type * as OpenTelemetry from '@opentelemetry/api';
import { loadPackage } from '../../lib/codecs/optional-packages.js';

export type Api = typeof OpenTelemetry;

/**
 * Loads the OpenTelemetry API that the program has installed.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE
 */
export function openTelemetry(): Api {
  return loadPackage<Api>('@opentelemetry/api', 'omni-ipc/opentelemetry');
}
