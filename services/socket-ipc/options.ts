import type { Delay } from '../../entities/config/retries.js';
import { IPCError } from '../../entities/errors.js';
import { brief } from '../../entities/suggest.js';
import { adapterConfig, checkAdapterOptions, type EngineOptions } from '../adapter/config.js';
import { JsonTopics, TranscodedTopics, type Transcoder } from './transcoder.js';

/** A fixed delay, or a range from which a random delay is chosen, in milliseconds. */
export type DelayRange = number | { min?: number; max?: number };

/** The options of a server, including settings of the engine. */
export interface ServerOptions extends EngineOptions {
  /** The path of the socket. */
  socketFile: string;
  /** A transcoder, if JSON is not suitable. */
  transcoder?: Transcoder | null | undefined;
}

/** The options of a client, including settings of the engine. */
export interface ClientOptions extends ServerOptions {
  /** The delay between attempts to connect. @default 1000 */
  retryDelay?: DelayRange | undefined;
  /** The delay after a lost connection. @default 100 */
  reconnectDelay?: DelayRange | undefined;
}

/** The options of both classes, since programs share one object: a server ignores those of clients. */
const OPTIONS = [
  'socketFile',
  'transcoder',
  'retryDelay',
  'reconnectDelay',
] as const satisfies readonly (keyof ClientOptions)[];

/** @throws IPCError ERR_IPC_ARGUMENT if `socketFile` is not a path, `transcoder` is not one, or an option is unknown */
export function checkSocketOptions(options: ServerOptions, owner: string): void {
  checkAdapterOptions(options, OPTIONS, owner);
  checkPath(options.socketFile);
  checkTranscoder(options.transcoder);
}

/** The options of the engine's client or server. */
export function engineOptions(options: ServerOptions) {
  const address = { transport: 'unix', path: options.socketFile } as const;
  return { address, config: adapterConfig(options), log: () => {}, dialect: dialectOf(options) };
}

function dialectOf({ transcoder }: ServerOptions): JsonTopics | TranscodedTopics {
  return transcoder ? new TranscodedTopics(transcoder) : new JsonTopics();
}

/** A delay for the engine. */
export function delayIn(range: DelayRange | undefined, usual: number): Delay {
  if (typeof range === 'number') return range;
  const { max = usual, min = Math.min(usual, max) } = range ?? {};
  return { min, max: Math.max(min, max) };
}

function checkPath(socketFile: unknown): void {
  if (typeof socketFile === 'string' && socketFile !== '' && !/^\d+$/.test(socketFile)) return;
  const message = `options.socketFile is ${brief(socketFile)}; it must be the path of a socket.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

function checkTranscoder(transcoder: unknown): void {
  if (!transcoder) return;
  const { createEncoder, createDecoder } = transcoder as Partial<Transcoder>;
  if (typeof createEncoder === 'function' && typeof createDecoder === 'function') return;
  const message = `options.transcoder is ${brief(transcoder)}; it must be an object with the methods createEncoder and createDecoder.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}
