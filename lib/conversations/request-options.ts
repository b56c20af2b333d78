import { IPCError } from '../../entities/errors.js';
import { isMeta, type Meta, methodOf } from '../../entities/packet.js';
import { checkOptions, checkTimeout } from '../../entities/suggest.js';
import { checkSchema, type StandardSchema } from '../schemas.js';

/** The options of a request. */
export interface RequestOptions {
  /**
   * How long to wait for the answer before ERR_IPC_TIMEOUT, in milliseconds; 0 sets no limit. Default:
   * `config.requestTimeout`.
   */
  timeout?: number | undefined;
  /** Aborting the signal rejects the request with ERR_IPC_ABORTED. */
  signal?: AbortSignal | undefined;
  /** How many times the request is sent again after a lost connection. Its handler still runs only once. @default 0 */
  retries?: number | undefined;
  /**
   * A Standard Schema for the response. The request resolves with the schema's output; if the response does not match, it
   * rejects with ERR_IPC_INVALID_OUTPUT.
   */
  output?: StandardSchema | undefined;
  /** Metadata that is sent beside the data, such as trace context; the handler finds it in `context.meta`. */
  meta?: Meta | undefined;
}

const KEYS = ['timeout', 'signal', 'retries', 'output', 'meta'];

/** The default options. */
export const NO_OPTIONS: RequestOptions = Object.freeze({});

/** How messages name the call of the method that sends a request. */
function callOf(type: string): string {
  const method = methodOf(type);
  return method === undefined ? `request(${JSON.stringify(type)}, ...)` : `${method}(...)`;
}

/**
 * Validates the options of a request.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkRequestOptions(type: string, options: RequestOptions): void {
  const where = callOf(type);
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
 * Refuses `retries` for a server's request, which is sent only once. Other options are validated when the request is made.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkOnce(type: string, options: RequestOptions): void {
  if (options === NO_OPTIONS || (options?.retries ?? 0) === 0) return;
  const message = `A server's ${callOf(type)} ends with the client's connection; retries are for clients.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}
