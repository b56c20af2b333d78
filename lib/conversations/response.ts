import { type StandardSchema, validated } from '../schemas.js';
import type { Call, Settle } from './call.js';

let resolveNext: Settle;
let rejectNext: Settle;

/** Takes a promise's two functions without a closure for each promise. */
function capture(resolve: Settle, reject: Settle): void {
  resolveNext = resolve;
  rejectNext = reject;
}

/**
 * The promise of a request's response, which the call's `resolve` and {@link refuse} settle. It may go without listeners.
 * @param schema what the response must fit; the promise resolves with the schema's output
 */
export function responseTo(call: Call, schema: StandardSchema | undefined): Promise<unknown> {
  const settled = new Promise(capture);
  call.resolve = resolveNext;
  call.reject = rejectNext;
  call.checked = schema !== undefined;
  call.response = schema === undefined ? settled : checked(call, settled, schema);
  return call.response;
}

/**
 * Rejects the promise of {@link responseTo}. It goes through an async function: V8 knows who awaits one, so that the stack of
 * an error shows the code that asked, as long as nobody else listens. That nobody need do so is said right after the failure.
 */
export function refuse(call: Call, error: unknown): void {
  void failing(error).then(call.resolve, () => {
    (call.reject as Settle)(error);
    if (!call.checked) void call.response?.catch(ignore);
  });
}

async function failing(error: unknown): Promise<void> {
  await undefined;
  throw traced(error);
}

async function checked(call: Call, settled: Promise<unknown>, schema: StandardSchema): Promise<unknown> {
  const what = `The response to ${call.type} does not fit the schema`;
  try {
    return await validated(schema, await settled, { code: 'ERR_IPC_INVALID_OUTPUT', what });
  } catch (error) {
    queueMicrotask(() => call.response?.catch(ignore));
    throw traced(error);
  }
}

function traced(error: unknown): unknown {
  if (error instanceof Error) Error.captureStackTrace(error, traced);
  return error;
}

function ignore(): void {}
