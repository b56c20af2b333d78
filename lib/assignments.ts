import { passOverAssignment } from './warnings.js';

/**
 * Lets programs assign to properties that node-ipc's objects have as plain data, and that are read-only here. The
 * assignment has no effect, except that a process warning says so (ERR_IPC_ARGUMENT).
 * @param prototype has the getters
 * @param owner the name of the object in the warning, as in `client`
 * @param instead what the caller should do, for each property
 */
export function passOverAssignments(
  prototype: object,
  owner: string,
  instead: Readonly<Record<string, string>>,
): void {
  for (const [name, remedy] of Object.entries(instead)) {
    const property = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    const set = (value: unknown) => passOverAssignment(value, `${owner}.${name}`, remedy);
    Object.defineProperty(prototype, name, { ...property, set });
  }
}
