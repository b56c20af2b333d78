import type { Settings } from '../../entities/config/setting.js';
import { type Config, defaults, validate } from '../../entities/config.js';
import { ipcError } from './errors.js';

/** Returns a config with some settings, whose types are not checked. */
export function configWith(settings: object): Config {
  return Object.assign(defaults(), settings);
}

/** Specifies that each key of a part of the config has invalid values in a table, and that the config refuses them. */
export function itRefuses<Part>(part: Settings<Part>, wrong: Record<keyof Part, readonly unknown[]>): void {
  it('lists values to refuse for each of its keys', () => {
    expect(Object.keys(wrong).sort()).toEqual(Object.keys(part).sort());
  });

  for (const [key, values] of Object.entries<readonly unknown[]>(wrong)) {
    if (values.length === 0) continue;
    it(`refuses a bad ${key}`, () => {
      for (const value of values) {
        expect(() => validate(configWith({ [key]: value })))
          .withContext(String(value))
          .toThrow(ipcError('ERR_IPC_CONFIG', `config.${key}`));
      }
    });
  }
}
