import { IPCError, type IPCErrorCode, messageOf } from '../entities/errors.js';
import { isThenable } from './thenable.js';

/** What a Standard Schema (zod, valibot, arktype, ...) offers; see standardschema.dev. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/**
 * Checks an option that must be a Standard Schema, where it is given.
 * @param where how the message names the option
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkSchema(schema: unknown, where: string): void {
  if (schema === undefined) return;
  const standard = (schema as Partial<StandardSchema> | null)?.['~standard'];
  if (typeof standard?.validate === 'function') return;
  const message = `${where} takes a Standard Schema, as those of zod or valibot are.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/** What a schema's refusal is reported as. */
export interface Refusal {
  readonly code: IPCErrorCode;
  /** The beginning of the message; what the schema says first follows. */
  readonly what: string;
}

/**
 * What a schema makes of a value: at once, or as a promise where the schema takes its time.
 * @throws IPCError with the refusal's code, and the schema's `issues`, for a value that does not fit
 */
export function validated(schema: StandardSchema, value: unknown, refusal: Refusal): unknown {
  let result: ReturnType<StandardSchema['~standard']['validate']>;
  try {
    result = schema['~standard'].validate(value);
    if (!isThenable(result)) return outputOf(result, refusal);
  } catch (error) {
    throw error instanceof IPCError && error.code === refusal.code ? error : broken(error, refusal);
  }
  const refuse = (error: unknown) => {
    throw broken(error, refusal);
  };
  return Promise.resolve(result).then((later) => outputOf(later, refusal), refuse);
}

/** Of a schema that throws in place of saying what it makes of a value. */
function broken(cause: unknown, { code, what }: Refusal): IPCError {
  return new IPCError(code, `${what}: its schema threw ${messageOf(cause)}.`, { cause });
}

function outputOf(result: SchemaResult<unknown>, { code, what }: Refusal): unknown {
  if (typeof result !== 'object' || result === null) {
    throw new IPCError(code, `${what}: its schema returned ${String(result)} in place of a result.`);
  }
  if (result.issues === undefined) return result.value;
  const first = result.issues[0]?.message ?? 'it does not fit the schema';
  throw new IPCError(code, `${what}: ${first}.`, { issues: result.issues });
}
