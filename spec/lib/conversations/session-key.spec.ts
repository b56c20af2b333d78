import { principalOf, sessionKey } from '../../../lib/conversations/session-key.js';

describe('The key of a session', () => {
  const key = sessionKey('name', 'secret', principalOf({ token: 'alice' }));

  it('is the same for the same name, secret and credentials', () => {
    expect(sessionKey('name', 'secret', principalOf({ token: 'alice' }))).toBe(key);
  });

  it('differs if any of them does', () => {
    for (const other of [
      sessionKey('name', 'secret', principalOf({ token: 'mallory' })),
      sessionKey('name', 'secret', principalOf(undefined)),
      sessionKey('name', 'guess', principalOf({ token: 'alice' })),
      sessionKey('name', undefined, principalOf({ token: 'alice' })),
      sessionKey('other', 'secret', principalOf({ token: 'alice' })),
    ]) {
      expect(other).toBeDefined();
      expect(other).not.toBe(key);
    }
  });

  it('may have a name and a secret of 256 characters, and missing credentials identify nobody', () => {
    expect(sessionKey('x'.repeat(256), 'x'.repeat(256), '')).toBeDefined();
    expect(principalOf(undefined)).toBe('');
    expect(principalOf(null)).not.toBe('');
  });

  it('is undefined if the name or the secret is not in our format', () => {
    for (const name of [undefined, null, 5, {}, 'x'.repeat(257)])
      expect(sessionKey(name, 'secret', '')).toBeUndefined();
    for (const secret of [5, {}, 'x'.repeat(257)]) expect(sessionKey('name', secret, '')).toBeUndefined();
    expect(sessionKey('name', undefined, '')).toBeDefined();
  });
});
