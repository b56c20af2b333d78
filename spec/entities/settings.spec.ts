import { type Config, defaults } from '../../entities/config.js';
import { changedSince, fixed, openConfig } from '../../entities/settings.js';
import { ipcError } from '../support/errors.js';

/** A config as users set it, with some settings, whatever their types. */
function configWith(settings: object): Config {
  return Object.assign(openConfig(), settings);
}

/** Settings as node-ipc takes them, and what they mean. */
const LOOSE: readonly (readonly [key: keyof Config, value: unknown, meaning: unknown])[] = [
  ['id', 4711, '4711'],
  ['retry', '200', 200],
  ['maxConnections', '5', 5],
  ['networkPort', '8000', 8000],
  ['networkPort', undefined, 8000],
  ['networkHost', null, 'localhost'],
  ['maxRetries', null, false],
  ['maxRetries', undefined, false],
  ['maxRetries', '3', 3],
  ['stopRetrying', undefined, false],
  ['stopRetrying', '3', 3],
  ['silent', 1, true],
  ['silent', 0, false],
  ['silent', undefined, false],
  ['silent', 2, true],
  ['silent', '1', true],
  ['silent', 'true', true],
  ['silent', '', false],
  ['sync', 1, true],
  ['maxConnections', undefined, 100],
  ['retry', undefined, 500],
  ['encoding', null, 'utf8'],
  ['unlink', 0, false],
  ['logDepth', '3', 3],
  ['tls', null, false],
  ['tls', '', false],
  ['tls', 0, false],
  ['encoding', 'UTF-8', 'utf-8'],
  ['encoding', 'UTF-16LE', 'utf16le'],
];

describe('The settings of a server or client', () => {
  for (const [key, value, meaning] of LOOSE) {
    it(`accept ${JSON.stringify(value)} as config.${key}, as node-ipc does`, () => {
      expect(fixed(configWith({ [key]: value }))[key]).toEqual(meaning as never);
    });
  }

  it('refuse misspelt options of TLS and of interfaces, and pass on those that a later Node may have', () => {
    for (const [settings, says] of [
      [
        { tls: { rejectUnautorized: false } },
        'does not know config.tls.rejectUnautorized; did you mean config.tls.rejectUnauthorized?',
      ],
      [{ tls: { trustedConnection: 'ca.pem' } }, 'did you mean config.tls.trustedConnections?'],
      [{ interfaces: { localAdress: '::1' } }, 'did you mean config.interfaces.localAddress?'],
    ] as const) {
      expect(() => fixed(configWith(settings))).toThrow(ipcError('ERR_IPC_CONFIG', says));
    }
    const tls = { private: 'key.pem', public: 'cert.pem', requestCert: true, somethingOfALaterNode: 1 };
    expect(fixed(configWith({ tls, interfaces: { family: 4, noDelay: true } })).tls).toEqual(tls as never);
  });

  it('refuse keys of node-ipc 14 and arguments that are not keys here, and name what takes their place', () => {
    for (const [key, value, says] of [
      ['parser', 'guarded', 'config.parser; it is a key of node-ipc 14: set config.profile'],
      ['path', '/tmp/x', 'config.path; it is an argument: serve(path) and connectTo(id, path).'],
      [
        'secureSocketRoot',
        true,
        "config.secureSocketRoot; it is a key of node-ipc 14: set config.profile to 'assured'",
      ],
    ] as const) {
      expect(() => fixed(configWith({ [key]: value }))).toThrow(ipcError('ERR_IPC_CONFIG', says));
    }
  });

  it('use the default logger if none is set', () => {
    expect(fixed(configWith({ logger: undefined })).logger).toEqual(jasmine.any(Function));
  });

  it('may be set as one object, whose missing keys get the defaults', () => {
    const settings = fixed(openConfig({ id: 'one', silent: 1, interface: { family: 4 } }));
    expect([settings.id, settings.silent, settings.retry]).toEqual(['one', true, 500]);
    expect(settings.interfaces).toEqual({ family: 4 });
    expect(settings.interface).toBe(settings.interfaces);
  });

  it('refuse values that node-ipc cannot use either', () => {
    for (const [key, value] of [
      ['retry', 'oops'],
      ['retry', ''],
      ['silent', 'yes'],
      ['silent', 'false'],
      ['silent', '0'],
      ['networkPort', '80a'],
      ['id', {}],
      ['encoding', 'ebcdic'],
      ['maxMessageSize', undefined],
    ] as const) {
      expect(() => fixed(openConfig({ [key]: value })))
        .withContext(key)
        .toThrow(ipcError('ERR_IPC_CONFIG', new RegExp(`config\\.${key} is`)));
    }
  });

  it('refuse unknown keys, and suggest the right one', () => {
    for (const [key, meant] of [
      ['maxRetires', 'config.maxRetries'],
      ['Silent', 'config.silent'],
      ['host', 'config.networkHost'],
    ]) {
      expect(() => fixed(configWith({ [key as string]: 1 })))
        .withContext(key as string)
        .toThrow(ipcError('ERR_IPC_CONFIG', new RegExp(`did you mean ${meant}\\?`)));
    }
    expect(() => fixed(configWith({ IPType: 'IPv4' }))).not.toThrow();
  });

  it('are fixed: later changes of the config do not affect them', () => {
    const config = configWith({ authorize: () => false, tls: { ca: 'a' } });
    const settings = fixed(config);
    Object.assign(config, { maxMessageSize: 'oops', sync: 'oops' });
    delete (config as Partial<Config>).authorize;
    config.interfaces.family = 6;
    Object.assign(config.tls as object, { ca: 'b' });
    expect([settings.maxMessageSize, settings.sync]).toEqual([64 * 1024 * 1024, false]);
    expect(settings.authorize).toBeDefined();
    expect(settings.interfaces.family).toBeFalse();
    expect(settings.tls).toEqual({ ca: 'a' });
    expect(() => Object.assign(settings, { sync: true })).toThrowError(TypeError);
  });

  it('follow the live keys, which are checked when they are set', () => {
    const config = openConfig();
    const settings = fixed(config);
    const logger = () => {};
    Object.assign(config, {
      silent: 1,
      logger,
      logInColor: false,
      logDepth: '2',
      logPayloads: true,
      stopRetrying: '4',
    });
    const { silent, logInColor, logDepth, logPayloads, stopRetrying } = settings;
    expect({ silent, logInColor, logDepth, logPayloads, stopRetrying }).toEqual({
      silent: true,
      logInColor: false,
      logDepth: 2,
      logPayloads: true,
      stopRetrying: 4,
    });
    expect(settings.logger).toBe(logger);
    for (const of of [config, settings]) {
      expect(() => Object.assign(of, { silent: 'oops' })).toThrow(
        ipcError('ERR_IPC_CONFIG', /config\.silent is 'oops'/),
      );
      expect(() => Object.assign(of, { logger: 5 })).toThrow(
        ipcError('ERR_IPC_CONFIG', /config\.logger is 5/),
      );
      expect(() => Object.assign(of, { retry: 'oops' })).toThrow(
        ipcError('ERR_IPC_CONFIG', /config\.retry is 'oops'/),
      );
      expect(() => Object.assign(of, { stopRetrying: 'oops' })).toThrow(ipcError('ERR_IPC_CONFIG'));
    }
    settings.silent = false;
    expect(config.silent).toBeFalse();
    delete (config as Partial<Config>).stopRetrying;
    expect(settings.stopRetrying).toBeFalse();
  });
});

describe('A config as users set it', () => {
  it('must be an object', () => {
    for (const value of [null, 5, 'silent']) {
      expect(() => openConfig(value)).toThrow(ipcError('ERR_IPC_CONFIG', /it must be an object of settings/));
    }
  });

  it('stays the same object if it is set again, and shows its values', () => {
    const config = openConfig();
    expect(openConfig(config)).toBe(config);
    expect({ ...config, logger: 0 }).toEqual({ ...defaults(), logger: 0 } as never);
  });
});

describe('The settings that changed since a server was set up', () => {
  it('are those whose values differ and that are not live', () => {
    const config = configWith({ maxConnections: '5', profile: 'guarded' });
    const settings = fixed(config);
    expect(changedSince(settings, config)).toEqual([]);
    Object.assign(config, {
      maxConnections: 5,
      retry: 7,
      silent: true,
      tls: null,
      id: 'other',
      authorize: () => true,
    });
    expect(changedSince(settings, config)).toEqual(['id', 'authorize']);
  });
});
