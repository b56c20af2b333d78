import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { messageOf } from '../../entities/errors.js';
import { ignore } from '../faults.js';
import { isThenable } from '../thenable.js';

type Callback = (...args: unknown[]) => unknown;
type Options = Record<string, unknown>;

/** The callbacks that must return at once, each with the return value that refuses the handshake. */
const SYNCHRONOUS = { pskCallback: null, ALPNCallback: undefined };

/**
 * The first Node version of each release line that turns an exception in these callbacks into a failed handshake. In
 * earlier versions the exception is uncaught.
 */
const CATCHING: Record<number, number> = { 20: 20, 22: 22, 24: 13, 25: 3 };

/** Whether this version of Node catches what these callbacks throw. */
function catchesThrown(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 25 || minor >= (CATCHING[major] ?? Number.POSITIVE_INFINITY);
}

/** The error of a callback. The transport adds which handshake failed. */
function refused(name: string, why: string, cause?: unknown): Error {
  return new Error(`config.tls.${name} ${why}`, { cause });
}

/** Converts a value that a callback threw to an error. */
function asError(name: string, thrown: unknown): Error {
  return thrown instanceof Error ? thrown : refused(name, `threw ${messageOf(thrown)}`, thrown);
}

/** Calls a callback. It refuses a promise, since nobody would handle its rejection. */
function answerOf(name: string, callback: Callback, self: unknown, args: unknown[]): unknown {
  let answer: unknown;
  try {
    answer = callback.apply(self, args);
  } catch (error) {
    throw asError(name, error);
  }
  if (!isThenable(answer)) return answer;
  void answer.then(undefined, ignore);
  throw refused(name, 'returned a promise; node:tls needs its answer at once');
}

/**
 * Wraps a synchronous callback. On a Node that does not catch exceptions, it returns the refusing value, without the
 * reason.
 */
function synchronous(name: string, callback: Callback, refusal: unknown): Callback {
  return function (this: unknown, ...args) {
    try {
      return answerOf(name, callback, this, args);
    } catch (error) {
      if (catchesThrown()) throw error;
      return refusal;
    }
  };
}

/**
 * Returns a thrown error in place of throwing it: `node:tls` would not catch it, and the handshake would hang until its
 * timeout.
 */
function identityCheck(callback: Callback): Callback {
  const name = 'checkServerIdentity';
  return function (this: unknown, ...args) {
    try {
      const refusal = answerOf(name, callback, this, args);
      if (refusal === undefined || refusal === null || refusal instanceof Error) return refusal;
      return refused(name, `returned ${messageOf(refusal)}, which is neither an Error nor undefined`);
    } catch (error) {
      return error;
    }
  };
}

/** Wraps SNICallback, which answers by a callback of its own: an exception or rejection is passed to that. */
function serverName(callback: Callback): Callback {
  return function (this: unknown, name, done) {
    const refuse = (error: unknown) => (done as (error: Error) => void)(asError('SNICallback', error));
    try {
      const answer = callback.call(this, name, done);
      if (isThenable(answer)) void answer.then(undefined, refuse);
    } catch (error) {
      refuse(error);
    }
  };
}

/**
 * Wraps the callbacks of a config so that an exception or rejection fails the handshake of one connection and nothing else.
 */
export function guardCallbacks<Guarded extends TlsOptions & ConnectionOptions>(options: Guarded): Guarded {
  const guarded = { ...options } as Options;
  for (const [name, refusal] of Object.entries(SYNCHRONOUS)) {
    const callback = guarded[name];
    if (typeof callback === 'function') guarded[name] = synchronous(name, callback as Callback, refusal);
  }
  const { checkServerIdentity, SNICallback } = guarded;
  if (typeof checkServerIdentity === 'function') {
    guarded.checkServerIdentity = identityCheck(checkServerIdentity as Callback);
  }
  if (typeof SNICallback === 'function') guarded.SNICallback = serverName(SNICallback as Callback);
  return guarded as Guarded;
}
