import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { messageOf } from '../../entities/errors.js';
import { isThenable } from '../thenable.js';

type Callback = (...args: unknown[]) => unknown;
type Options = Record<string, unknown>;

/** What `node:tls` calls for an answer at once, and whose exceptions it takes as a failed handshake. */
const SYNCHRONOUS = ['pskCallback', 'ALPNCallback'];

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

function synchronous(name: string, callback: Callback): Callback {
  return function (this: unknown, ...args) {
    return answerOf(name, callback, this, args);
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

/** It answers by its own callback; a promise that is rejected has to do so, too. */
function serverName(callback: Callback): Callback {
  return function (this: unknown, name, done) {
    const answer = callback.call(this, name, done);
    if (!isThenable(answer)) return;
    const refuse = done as (error: Error) => void;
    void answer.then(undefined, (error) => refuse(asError('SNICallback', error)));
  };
}

/**
 * Keeps what the callbacks of a config throw, or are rejected with, from escaping: it fails the handshake of one connection.
 */
export function guardCallbacks<Guarded extends TlsOptions & ConnectionOptions>(options: Guarded): Guarded {
  const guarded = { ...options } as Options;
  for (const name of SYNCHRONOUS) {
    if (typeof guarded[name] === 'function') guarded[name] = synchronous(name, guarded[name] as Callback);
  }
  const { checkServerIdentity, SNICallback } = guarded;
  if (typeof checkServerIdentity === 'function') {
    guarded.checkServerIdentity = identityCheck(checkServerIdentity as Callback);
  }
  if (typeof SNICallback === 'function') guarded.SNICallback = serverName(SNICallback as Callback);
  return guarded as Guarded;
}
