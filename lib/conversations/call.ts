import { IPCError } from '../../entities/errors.js';
import { methodOf, type Packet } from '../../entities/packet.js';
import type { CallStream } from './call-stream.js';
import type { Due, DueQueue } from './deadlines.js';

export type Settle = (value: unknown) => void;

/** What only streams and requests with options have. */
export interface CallDetails {
  stream?: CallStream<Call> | undefined;
  /** How many more lost connections the call survives. */
  retries: number;
  /** Whether its connection was lost. */
  lost: boolean;
  /** The packet to send again after a lost connection, if it is to be sent again. */
  packet?: Packet | undefined;
  readonly signal?: AbortSignal | undefined;
  abort?: (() => void) | undefined;
  /** The only peer that may answer, if others could. */
  readonly to?: unknown;
}

/**
 * An open call: a request, or a stream. It is small, since thousands may be open, and whatever stays open for a while is
 * copied by the garbage collector.
 */
export class Call implements Due {
  since: number;
  queue: DueQueue | undefined = undefined;
  earlier: Due | undefined = undefined;
  later: Due | undefined = undefined;
  readonly id: number;
  readonly type: string;
  /** The current time limit, in milliseconds. */
  timeout: number;
  details: CallDetails | undefined;
  resolve: Settle | undefined = undefined;
  reject: Settle | undefined = undefined;
  /** The promise of the response. */
  response: Promise<unknown> | undefined = undefined;

  constructor(id: number, type: string, timeout: number, since: number, details: CallDetails | undefined) {
    this.id = id;
    this.type = type;
    this.timeout = timeout;
    this.since = since;
    this.details = details;
  }

  get stream(): CallStream<Call> | undefined {
    return this.details?.stream;
  }

  /** When the call was made, in milliseconds of performance.now(). */
  get began(): number {
    return this.stream?.began ?? this.since;
  }
}

/** Copies an error, so that each caller gets its own stack. */
export function copyOf(error: IPCError): IPCError {
  return new IPCError(error.code, error.message, error.cause === undefined ? {} : { cause: error.cause });
}

/** How a message names a call at its beginning. */
function subjectOf({ type, stream }: Call): string {
  const method = methodOf(type);
  if (method !== undefined) return `${method}()`;
  return `The ${stream === undefined ? 'request' : 'stream'} ${type}`;
}

export function aborted(call: Call): IPCError {
  const message = `${subjectOf(call)} was aborted.`;
  return new IPCError('ERR_IPC_ABORTED', message, { cause: call.details?.signal?.reason });
}

/** Why a call that has not reached the other side is still open: what it waits for, and what prevents that. */
export interface Waiting {
  readonly for: string;
  readonly cause?: IPCError | undefined;
}

export function timedOut(call: Call, waiting?: Waiting): IPCError {
  const { type, timeout, stream } = call;
  const limit = `${Math.round(timeout * 1000) / 1000} ms`;
  if (waiting !== undefined) {
    const { cause } = waiting;
    const why = cause === undefined ? '; is it running?' : `: ${cause.message}`;
    const message = `${subjectOf(call)} waited ${limit} for ${waiting.for}, and was not answered${why}`;
    return new IPCError('ERR_IPC_TIMEOUT', message, cause === undefined ? {} : { cause });
  }
  const method = methodOf(type);
  let message =
    `No answer to the request ${type} came within ${limit}; its handler takes longer, or the other side does not answer ` +
    'requests. Raise the timeout (options.timeout or requestTimeout), or see what the handler waits for.';
  if (method !== undefined) {
    message = `No answer to ${method}() came within ${limit}; the other side is busy, or does not answer it. Raise the timeout.`;
  } else if (stream?.accepted === true) {
    message = `No item of the stream ${type} came within ${limit}; raise options.timeout, or see what its handler waits for.`;
  } else if (stream !== undefined) {
    message = `The stream ${type} was not accepted within ${limit}; does the other side support streams?`;
  }
  return new IPCError('ERR_IPC_TIMEOUT', message);
}

export function notSent(kind: string, type: string): IPCError {
  return new IPCError(
    'ERR_IPC_UNSENT',
    `The ${kind} ${type} was not accepted; the event 'error' gives the reason.`,
  );
}
