import { IPCError, type IPCErrorCode, messageOf } from '../entities/errors.js';
import { isThenable } from './thenable.js';

/** The interface of Standard Schema (zod, valibot, arktype, ...); see standardschema.dev. */
export interface StandardSchema<Output = unknown> {
  /** The properties of the standard. */
  readonly '~standard': {
    /** The version of the standard. */
    readonly version: 1;
    /** The name of the schema library. */
    readonly vendor: string;
    /** Checks a value. Returns the output, or the issues. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** The inferred types; it has no value at run time. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/**
 * Checks an option that must be a Standard Schema, if it is given.
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

/** How a schema's refusal is reported. */
export interface Refusal {
  readonly code: IPCErrorCode;
  /** The start of the message; the schema's first issue follows. */
  readonly what: string;
}

/**
 * Validates a value; the result is a promise if the schema is asynchronous.
 * @throws IPCError with the refusal's code and the schema's `issues`, if the value does not match
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

/** The error of a schema that throws instead of returning issues. */
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
