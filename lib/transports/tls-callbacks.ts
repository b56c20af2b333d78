import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { messageOf } from '../../entities/errors.js';
import { isThenable } from '../thenable.js';

type Callback = (...args: unknown[]) => unknown;
type Options = Record<string, unknown>;

/** What `node:tls` calls for an answer at once, and the answer that refuses a handshake. */
const SYNCHRONOUS = { pskCallback: null, ALPNCallback: undefined };

/** The first Node of each line that takes an exception of these as a failed handshake; others let it escape. */
const CATCHING: Record<number, number> = { 20: 20, 22: 22, 24: 13, 25: 3 };

/** Whether a Node takes what these callbacks throw as a failed handshake. */
export function catchesThrown(version = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 25 || minor >= (CATCHING[major] ?? Number.POSITIVE_INFINITY);
}

/** The transport says of it which handshake has failed. */
function refused(name: string, why: string, cause?: unknown): Error {
  return new Error(`config.tls.${name} ${why}`, { cause });
}

/** What a callback threw, as an error. */
function asError(name: string, thrown: unknown): Error {
  return thrown instanceof Error ? thrown : refused(name, `threw ${messageOf(thrown)}`, thrown);
}

/** What a callback answers. A promise, whose rejection nobody would hear, is a fault. */
function answerOf(name: string, callback: Callback, self: unknown, args: unknown[]): unknown {
  let answer: unknown;
  try {
    answer = callback.apply(self, args);
  } catch (error) {
    throw asError(name, error);
  }
  if (!isThenable(answer)) return answer;
  void answer.then(undefined, () => {});
  throw refused(name, 'returned a promise; node:tls needs its answer at once');
}

/** A Node that would let an exception escape is given the answer that refuses, without the reason. */
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

/** What it throws is a refusal, as what it returns: `node:tls` would let it escape, and the handshake wait for its timeout. */
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

/** It answers by its own callback; what it throws, or is rejected with, has to do so, too. */
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
 * Keeps what the callbacks of a config throw, or are rejected with, from escaping: it fails the handshake of one connection.
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
