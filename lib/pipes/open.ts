import type { Socket } from 'node:net';
import { IPCError } from '../../entities/errors.js';
import type { Dialect } from '../dialects/dialect.js';
import { BytePipe } from './byte-pipe.js';
import type { Pipe, PipeLimits, PipeListener } from './pipe.js';

/** Opens the kind of pipe that suits what a transport has connected. */
export function openPipe(
  carries: string,
  carrier: unknown,
  dialect: Dialect,
  limits: PipeLimits,
  listener: PipeListener,
): Pipe {
  if (carries === 'bytes') return new BytePipe(carrier as Socket, dialect, limits, listener);
  throw new IPCError('ERR_IPC_UNSUPPORTED', `No pipe carries ${carries}.`);
}
