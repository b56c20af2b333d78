import type { Socket } from 'node:net';
import { IPCError } from '../../entities/errors.js';
import type { Dialect } from '../dialects/dialect.js';
import { BytePipe } from './byte-pipe.js';
import type { Pipe, PipeLimits, PipeListener } from './pipe.js';
import { type Messages, PortPipe } from './port-pipe.js';

/**
 * Opens the kind of pipe that a transport's connection needs.
 * @throws IPCError ERR_IPC_UNSUPPORTED for a transport without connections
 */
export function openPipe(
  carries: 'bytes' | 'messages' | 'datagrams',
  carrier: unknown,
  dialect: Dialect,
  limits: PipeLimits,
  listener: PipeListener,
): Pipe {
  if (carries === 'bytes') return new BytePipe(carrier as Socket, dialect, limits, listener);
  if (carries === 'messages') return new PortPipe(carrier as Messages, dialect, limits, listener);
  throw new IPCError(
    'ERR_IPC_UNSUPPORTED',
    'UDP has no connections; send to the peers of a server over UDP instead.',
  );
}
