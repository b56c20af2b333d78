import type { Address } from '../entities/address.js';
import type { Config } from '../entities/config.js';
import { IPCError } from '../entities/errors.js';
import { transportOf } from './transports/registry.js';

/**
 * Checks that the settings of a server or client meet its profile. The directory of a Unix socket is checked later, when
 * the server listens or the client connects.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function checkProfile(config: Config, address: Address, role: 'client' | 'server'): void {
  if (config.profile !== 'assured') return;
  const fault = transportOf(address).unassured(address, config, role);
  if (fault === undefined) return;
  const message = `config.profile is 'assured', and ${fault}, or choose the profile 'guarded'.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}
