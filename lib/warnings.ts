import type { IPCError } from '../entities/errors.js';

/** What has been shown, so that one error reaches the user once. */
const shown = new WeakSet<IPCError>();

/** Shows an error that nobody has heard as a process warning, also where the log is silent. */
export function warn(error: IPCError): void {
  if (shown.has(error)) return;
  shown.add(error);
  process.emitWarning(error);
}
