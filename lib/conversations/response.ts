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
 * The promise of a request's response, which the call's `resolve` and `reject` settle. It may go without listeners.
 * @param schema what the response must fit; the promise resolves with the schema's output
 */
export function responseTo(call: Call, schema: StandardSchema | undefined): Promise<unknown> {
  const settled = new Promise(capture);
  call.resolve = resolveNext;
  call.reject = rejectNext;
  const response = schema === undefined ? awaited(call, settled) : checked(call, settled, schema);
  call.response = response;
  return response;
}

/**
 * It is an async function for the sake of its failures: V8 knows who awaits it, so that the stack of an error shows the code
 * that asked, as long as nobody else listens. That nobody need do so is said right after the failure.
 */
async function awaited(call: Call, settled: Promise<unknown>): Promise<unknown> {
  try {
    return await settled;
  } catch (error) {
    throw failed(call, error);
  }
}

async function checked(call: Call, settled: Promise<unknown>, schema: StandardSchema): Promise<unknown> {
  const what = `The response to ${call.type} does not fit the schema`;
  try {
    return await validated(schema, await settled, { code: 'ERR_IPC_INVALID_OUTPUT', what });
  } catch (error) {
    throw failed(call, error);
  }
}

function failed(call: Call, error: unknown): unknown {
  if (error instanceof Error) Error.captureStackTrace(error, failed);
  queueMicrotask(() => call.response?.catch(ignore));
  return error;
}

function ignore(): void {}
