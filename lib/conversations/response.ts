import { ignore } from '../faults.js';
import { type StandardSchema, validated } from '../schemas.js';
import type { Call, Settle } from './call.js';

let resolveNext: Settle;
let rejectNext: Settle;

/** Captures the two functions of a promise without a closure for each promise. */
function capture(resolve: Settle, reject: Settle): void {
  resolveNext = resolve;
  rejectNext = reject;
}

/**
 * The promise of a request's response, settled by the call's `resolve` and {@link refuse}. An unhandled rejection is
 * suppressed.
 * @param schema validates the response; the promise resolves with its output
 */
export function responseTo(call: Call, schema: StandardSchema | undefined): Promise<unknown> {
  const settled = new Promise(capture);
  call.resolve = resolveNext;
  call.reject = rejectNext;
  if (schema === undefined) {
    call.response = settled;
    return settled;
  }
  const response: Promise<unknown> = checked(call.type, settled, schema, () => void response.catch(ignore));
  return response;
}

/**
 * Rejects the promise of {@link responseTo}. It uses an async function, because V8 knows who awaits one: if nothing else
 * listens to the promise, the error's stack includes the code that made the request. Unhandled rejections are suppressed
 * right after the failure.
 */
export function refuse(call: Call, error: unknown): void {
  void failing(error).then(call.resolve, () => {
    (call.reject as Settle)(error);
    void call.response?.catch(ignore);
  });
}

async function failing(error: unknown): Promise<void> {
  await undefined;
  throw traced(error);
}

async function checked(
  type: string,
  settled: Promise<unknown>,
  schema: StandardSchema,
  failed: () => void,
): Promise<unknown> {
  const what = `The response to ${type} does not fit the schema`;
  try {
    return await validated(schema, await settled, { code: 'ERR_IPC_INVALID_OUTPUT', what });
  } catch (error) {
    queueMicrotask(failed);
    throw traced(error);
  }
}

function traced(error: unknown): unknown {
  if (error instanceof Error) Error.captureStackTrace(error, traced);
  return error;
}
