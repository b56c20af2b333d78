import type { Config } from '../../entities/config.js';
import { Client } from '../../lib/client.js';
import type { Log } from '../../lib/log.js';
import { areNumbers, type HubContract } from './hub-wire.js';
import type { Rendezvous } from './rendezvous.js';

/** How long the hub may take to answer, in milliseconds. */
const TIMEOUT_MS = 500;

/**
 * Asks the hub for the numbers of the members that are connected to it. A new member then need not connect to each of them
 * to find the lowest free number.
 * @param config the engine's config for connections to the hub
 * @returns an empty set if there is no hub, or if it does not answer in time with a list of numbers
 */
export async function heldNumbers(
  rendezvous: Rendezvous,
  config: Config,
  log: Log,
): Promise<ReadonlySet<number>> {
  const client = new Client<HubContract>({
    id: 'hub',
    address: { transport: 'unix', path: rendezvous.hub },
    config: { ...config, maxRetries: 0, stopRetrying: true },
    log,
    internal: true,
  });
  client.on('error', () => {});
  try {
    await client.connect().ready();
    const numbers: unknown = await client.request('numbers', undefined, { timeout: TIMEOUT_MS });
    return new Set(areNumbers(numbers) ? numbers : []);
  } catch {
    return new Set();
  } finally {
    client.destroy();
  }
}
