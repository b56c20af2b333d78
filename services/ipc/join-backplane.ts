import type { Address } from '../../entities/address.js';
import type { BackplaneOptions } from '../../entities/config/backplane.js';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { checkKeys } from '../../entities/suggest.js';
import type { JoinBackplane } from '../../lib/backplane.js';

/**
 * The function with which a server joins the others with its id. The code for that is loaded when it is called.
 * @throws IPCError ERR_IPC_CONFIG over UDP
 */
export function joinBackplane(config: Config, { transport }: Address): JoinBackplane | undefined {
  if (!config.backplane) return undefined;
  if (transport === 'udp') {
    const message =
      'config.backplane needs connections, which UDP does not have; leave it out, or serve over another kind of socket.';
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  if (typeof config.backplane === 'object') checkBackplane(config.backplane);
  return async (local, events) => {
    const { ChannelBackplane } = await import('../backplane/channel-backplane.js');
    return ChannelBackplane.join(config, local, events);
  };
}

const BACKPLANE_KEYS = [
  'name',
  'nats',
  'directory',
  'heartbeat',
  'absenceTimeout',
  'maxMessageSize',
  'maxPendingBytes',
] as const satisfies readonly (keyof BackplaneOptions)[];

/** @throws IPCError ERR_IPC_CONFIG */
function checkBackplane(options: BackplaneOptions): void {
  const owner = 'ipc.config.backplane';
  checkKeys(options, { code: 'ERR_IPC_CONFIG', known: BACKPLANE_KEYS, owner, prefix: 'config.backplane.' });
}
