import { serialize } from 'node:v8';
import { nodeCrypto } from '../lazy-modules.js';

/** A session's name, and its secret: ours have 36 characters, and longer ones are none. */
const LONGEST = 256;

/** What stands for a client's credentials; '' where there are none. */
export function principalOf(credentials: unknown): string {
  return credentials === undefined ? '' : digestOf(credentials);
}

/**
 * What a session is known by. Whoever knows its name only, which others may see, or was admitted with other credentials, gets
 * another session.
 * @returns undefined for what is not a session of ours
 */
export function sessionKey(session: unknown, secret: unknown, principal: string): string | undefined {
  for (const part of [session, secret ?? ''])
    if (typeof part !== 'string' || part.length > LONGEST) return undefined;
  return digestOf([session, secret ?? '', principal]);
}

/** What stands for a value that is a secret, or holds one. */
export function digestOf(value: unknown): string {
  return nodeCrypto().createHash('sha256').update(serialize(value)).digest('base64');
}
