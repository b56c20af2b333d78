import type { Socket } from 'node:net';
import { type Config, defaults } from '../../entities/config.js';
import type { Packet } from '../../entities/packet.js';
import { NodeIpcDialect } from '../../lib/dialects/node-ipc.js';
import { BytePipe } from '../../lib/pipes/byte-pipe.js';
import type { Pipe, PipeListener } from '../../lib/pipes/pipe.js';
import { Waiters } from '../../lib/promises.js';

/** The owner of a pipe, with everything that the pipe has reported. */
export class Listening implements PipeListener {
  readonly side = 'server';
  readonly packets: Packet[] = [];
  readonly errors: unknown[] = [];
  readonly over = new Waiters<void>();
  /** The resource that is destroyed if it can no longer be read. */
  pipe: Pipe | undefined;
  /** How often the other side has exceeded its allowance. */
  excesses = 0;

  packet(packet: Packet): void {
    this.packets.push(packet);
  }

  unreadable(error: unknown): void {
    this.errors.push(error);
    this.pipe?.destroy();
  }

  failed(error: unknown): void {
    this.errors.push(error);
  }

  broke(cause: unknown): void {
    this.errors.push(cause);
  }

  closed(): void {
    this.over.resolve();
  }

  exceeded(): void {
    this.excesses++;
  }

  detected(): void {}

  upgraded(): void {}
}

/** Returns a pipe over a socket with node-ipc's dialect. */
export function bytePipe(
  socket: Socket,
  settings: Partial<Config> = {},
  listener: PipeListener = new Listening(),
): BytePipe {
  const pipe = new BytePipe(socket, new NodeIpcDialect('\f'), { ...defaults(), ...settings }, listener);
  if (listener instanceof Listening) listener.pipe = pipe;
  return pipe;
}
