import { type Address, withPlace, withPort } from '../entities/address.js';
import type { Side } from './observe.js';
import { passOverAssignment } from './warnings.js';

/** Which methods give a client or server an address of another kind. */
const GIVING = { client: 'connectTo or connectToNet', server: 'serve or serveNet' } as const;

/**
 * Changes the path, host or port of a client or server. If its address has none, the assignment has no effect, except that a
 * process warning says so.
 * @throws IPCError ERR_IPC_ARGUMENT if the value is invalid
 */
export function relocate(
  owner: { address: Address },
  side: Side,
  what: 'path' | 'port',
  value: unknown,
): void {
  const address = what === 'path' ? withPlace(owner.address, value) : withPort(owner.address, value);
  if (address !== undefined) owner.address = address;
  else {
    const remedy = `this ${side} has no ${what} of its own; call ${GIVING[side]}`;
    passOverAssignment(value, `${side}.${what}`, remedy);
  }
}

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
