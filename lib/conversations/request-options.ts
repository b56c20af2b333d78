import { IPCError } from '../../entities/errors.js';
import { isMeta, type Meta } from '../../entities/packet.js';
import { checkOptions, checkTimeout } from '../../entities/suggest.js';
import { checkSchema, type StandardSchema } from '../schemas.js';

/** How a request is made. */
export interface RequestOptions {
  /** Milliseconds until ERR_IPC_TIMEOUT; 0 waits forever. Default: `config.requestTimeout`. */
  timeout?: number | undefined;
  /** Aborting it rejects the request with ERR_IPC_ABORTED. */
  signal?: AbortSignal | undefined;
  /** How often the request is sent again after a lost connection; its handler runs once all the same. Default: 0. */
  retries?: number | undefined;
  /** A Standard Schema that the response must fit (ERR_IPC_INVALID_OUTPUT); the request resolves with its output. */
  output?: StandardSchema | undefined;
  /** Travels beside the data, and is `context.meta` at the handler: trace context, for instance. */
  meta?: Meta | undefined;
}

const KEYS = ['timeout', 'signal', 'retries', 'output', 'meta'];

/** What most requests are made with. */
export const NO_OPTIONS: RequestOptions = Object.freeze({});

/**
 * Checks the options of a request of a type.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkRequestOptions(type: string, options: RequestOptions): void {
  const where = `request(${JSON.stringify(type)}, ...)`;
  checkOptions(options, KEYS, where);
  const { timeout, retries = 0, signal, output, meta } = options;
  checkTimeout(timeout, where);
  if (typeof retries !== 'number' || !(retries >= 0)) {
    throw new IPCError('ERR_IPC_ARGUMENT', `${where} takes a number of retries, from 0.`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new IPCError('ERR_IPC_ARGUMENT', `${where} takes an AbortSignal as its signal.`);
  }
  if (meta !== undefined && !isMeta(meta)) {
    throw new IPCError('ERR_IPC_ARGUMENT', `${where} takes an object as its meta.`);
  }
  checkSchema(output, `${where} { output }`);
}

/**
 * Refuses retries of what a server asks, which it asks once. The other options are checked where the request is made.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkOnce(type: string, options: RequestOptions): void {
  if (options === NO_OPTIONS || (options?.retries ?? 0) === 0) return;
  const message = `A server's request(${JSON.stringify(type)}, ...) ends with the client's connection; retries are for clients.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}
