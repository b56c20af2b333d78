import { IPCError } from '../../index.js';
import { parseAddress } from '../address.js';
import type { Values } from '../command.js';
import { exitCodeOf } from '../exit.js';
import { toJson } from '../json.js';
import { connect } from '../remote.js';
import type { Outcome, Sending } from './wire.js';

/** The time limit for the connection and the answer. */
const PATIENCE: Values = { timeout: '5s' };

/**
 * Emits an event or sends a request from the composer. It only sends to servers of inspected processes.
 * @param addresses the addresses of these servers
 */
export async function send(
  how: 'emit' | 'request',
  sending: unknown,
  addresses: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const { address, type, data } = checked(sending, addresses);
    const remote = await connect(parseAddress(reachable(address)), PATIENCE, signal);
    const since = performance.now();
    try {
      if (how === 'emit') await remote.emit(type, data);
      const answer = how === 'request' ? await remote.request(type, data) : undefined;
      const milliseconds = performance.now() - since;
      return {
        ok: true,
        milliseconds,
        ...(answer === undefined ? {} : { data: JSON.parse(toJson(answer)) }),
      };
    } finally {
      await remote.close();
    }
  } catch (error) {
    if (exitCodeOf(error) === undefined) throw error;
    const code = error instanceof IPCError ? error.code : 'ERR_IPC_ARGUMENT';
    return { ok: false, code, message: (error as Error).message };
  }
}

function checked(sending: unknown, addresses: ReadonlySet<string>): Sending {
  const { address, type, data } = (sending ?? {}) as Partial<Sending>;
  if (typeof address !== 'string' || !addresses.has(address)) {
    const message = 'No inspected process listens at this address; choose one of the list.';
    throw new IPCError('ERR_IPC_ADDRESS', message);
  }
  if (typeof type !== 'string' || type === '')
    throw new IPCError('ERR_IPC_ARGUMENT', 'The type of the event or request is missing.');
  return { address, type, data };
}

/** Replaces a wildcard address with the loopback address, on which such a server is reachable. */
function reachable(address: string): string {
  return address.replace('://0.0.0.0:', '://127.0.0.1:').replace('://[::]:', '://[::1]:');
}
