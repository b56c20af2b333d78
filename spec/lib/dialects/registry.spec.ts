import { defaults } from '../../../entities/config.js';
import { RawDialect } from '../../../lib/dialects/raw.js';
import { beginningsOf, createDialect, registerDialect } from '../../../lib/dialects/registry.js';
import { ipcError } from '../../support/errors.js';

describe('The registry of dialects', () => {
  it('contains json, and every registered dialect', () => {
    expect(createDialect('json', 'client', defaults(), 'dialect').name).toBe('json');
    const raw = new RawDialect('utf8');
    registerDialect({ name: 'own', beginnings: ['OWN'], create: () => raw });
    expect(createDialect('own', 'server', defaults(), 'accept')).toBe(raw);
    const beginnings = ['own', 'json', 'unknown'].map(beginningsOf);
    expect(beginnings).toEqual([['OWN'], [], []]);
  });

  it('refuses an unknown name, and lists the known ones', () => {
    for (const name of ['xml', '__proto__', '\n']) {
      expect(() => createDialect(name, 'client', defaults(), 'accept')).toThrow(
        ipcError('ERR_IPC_CONFIG', /^config\.accept has ".*"; it must be one of json/),
      );
    }
  });
});
