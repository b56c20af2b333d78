import { IPCError } from '../entities/errors.js';
import { brief } from '../entities/suggest.js';

/** Errors that were shown already, so that each reaches the user once. */
const shown = new WeakSet<IPCError>();

/** The ignored arguments of each method that were reported already. */
const passedOver = new Map<string, Set<string>>();
/** How many ignored arguments of a method are reported. Arguments that differ each time would otherwise fill the memory. */
const MOST_PASSED_OVER = 10;

/** Shows an error that no handler received as a process warning, even if the log is silent. */
export function warn(error: IPCError): void {
  if (shown.has(error)) return;
  shown.add(error);
  process.emitWarning(error);
}

/**
 * Ignores an argument that node-ipc's method ignores, too. A process warning (ERR_IPC_ARGUMENT) says that the argument has no
 * effect; each method and value gets one warning. `undefined` and `null` count as no argument.
 * @param instead what the caller should do
 */
export function passOver(argument: unknown, owner: string, instead: string): void {
  tell(argument, owner, (given) => `${owner} does not read ${given}; ${instead}.`);
}

/** Like {@link passOver}, for a value that is assigned to a property. */
export function passOverAssignment(value: unknown, property: string, instead: string): void {
  tell(value, property, (given) => `Assigning ${given} to ${property} has no effect; ${instead}.`);
}

function tell(value: unknown, owner: string, message: (given: string) => string): void {
  if (value === undefined || value === null) return;
  const told = passedOver.get(owner) ?? new Set();
  passedOver.set(owner, told);
  const given = brief(value);
  if (told.size >= MOST_PASSED_OVER || told.has(given)) return;
  told.add(given);
  warn(new IPCError('ERR_IPC_ARGUMENT', message(given)));
}
