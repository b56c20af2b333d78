import { nodeCrypto, nodeV8 } from '../lazy-modules.js';

/** The maximum length of a session's name and secret, in characters; ours have 36. */
const LONGEST = 256;

/** A digest of a client's credentials; '' if there are none. */
export function principalOf(credentials: unknown): string {
  return credentials === undefined ? '' : digestOf(credentials);
}

/**
 * The key of a session. A client that only knows the name, which others may see, or that was admitted with other
 * credentials, gets another session.
 * @returns undefined if the values are not a session of this package
 */
export function sessionKey(session: unknown, secret: unknown, principal: string): string | undefined {
  for (const part of [session, secret ?? ''])
    if (typeof part !== 'string' || part.length > LONGEST) return undefined;
  return digestOf([session, secret ?? '', principal]);
}

/** A digest of a value that is or contains a secret. */
export function digestOf(value: unknown): string {
  return nodeCrypto().createHash('sha256').update(nodeV8().serialize(value)).digest('base64');
}
