import { hostname } from 'node:os';
import {
  type Config,
  defaults,
  delayOf,
  type Encoding,
  retryLimit,
  safeCharacter,
  validate,
} from '../../entities/config.js';
import { ipcError } from '../support/errors.js';

const MEBIBYTE = 1024 * 1024;

/** A config with some settings, whatever their types. */
function configWith(settings: object): Config {
  return Object.assign(defaults(), settings);
}

describe('A fresh config', () => {
  it('has node-ipc’s defaults', () => {
    const { logger, ...config } = defaults();
    expect(config).toEqual(
      jasmine.objectContaining({
        appspace: 'app.',
        socketRoot: '/tmp/',
        id: hostname(),
        networkHost: 'localhost',
        networkPort: 8000,
        readableAll: false,
        writableAll: false,
        encoding: 'utf8' as Encoding,
        rawBuffer: false,
        delimiter: '\f',
        sync: false,
        silent: false,
        logInColor: true,
        logDepth: 5,
        maxConnections: 100,
        retry: 500,
        maxRetries: false,
        stopRetrying: false,
        unlink: true,
        interfaces: { localAddress: false, localPort: false, family: false, hints: false, lookup: false },
        tls: false,
      }),
    );
    expect(logger.name).toMatch(/\blog$/);
  });

  it('has our own defaults', () => {
    expect(defaults()).toEqual(
      jasmine.objectContaining({
        maxMessageSize: 64 * MEBIBYTE,
        maxDepth: 500,
        codecs: undefined,
        framing: 'delimited',
        maxPendingBytes: 64 * MEBIBYTE,
        messageTimeout: 30_000,
        handshakeTimeout: 10_000,
        requestTimeout: 10_000,
        allowReservedEvents: false,
        logPayloads: false,
        identifyPeer: true,
        sameUser: false,
        exclusive: false,
        codec: 'json' as const,
        compress: false,
        credentials: undefined,
        authorize: undefined,
        accept: ['json'],
        dialect: 'json' as const,
      }),
    );
  });

  it('is nobody else’s', () => {
    const [one, other] = [defaults(), defaults()];
    one.interfaces.family = 6;
    one.id = 'one';
    expect(other.interfaces.family).toBeFalse();
    expect(other.id).toBe(hostname());
  });

  it('calls its interfaces by both of node-ipc’s names', () => {
    const config = defaults();
    config.interface.family = 6;
    expect(config.interfaces.family).toBe(6);
    config.interface = { family: 4 };
    expect(config.interfaces).toEqual({ family: 4 });
    config.interfaces = { localPort: 9 };
    expect(config.interface).toBe(config.interfaces);
    expect(Object.keys(config)).not.toContain('interface');
    Object.assign(config, { interface: { family: 6 } });
    expect(config.interfaces).toEqual({ family: 6 });
  });

  it('is valid', () => {
    expect(() => validate(defaults())).not.toThrow();
  });
});

describe('A config', () => {
  it('may have each documented value', () => {
    const documented: Partial<Config>[] = [
      ...(['ascii', 'utf8', 'utf16le', 'ucs2', 'base64', 'hex'] as const).map((encoding) => ({ encoding })),
      { appspace: '' },
      { networkPort: 0 },
      { networkPort: 65_535 },
      { logDepth: 0 },
      { logDepth: Number.POSITIVE_INFINITY },
      { maxRetries: true },
      { maxRetries: 0 },
      { maxRetries: Number.POSITIVE_INFINITY },
      { stopRetrying: true },
      { stopRetrying: 0 },
      { stopRetrying: 3 },
      { unlink: false },
      { unlink: 'force' },
      { retry: 0 },
      { retry: { min: 10, max: 10 } },
      { maxConnections: Number.POSITIVE_INFINITY },
      { tls: {} },
      { maxMessageSize: 1 },
      { messageTimeout: 0 },
      { requestTimeout: 2 ** 31 - 1 },
      { codec: 'msgpack', compress: true },
      { authorize: () => true },
      { credentials: null },
      { accept: ['json', 'net-ipc', 'topic'] },
      { dialect: 'topic' },
    ];
    for (const settings of documented) {
      expect(() => validate(configWith(settings)))
        .withContext(JSON.stringify(settings))
        .not.toThrow();
    }
  });

  it('may leave tls undefined', () => {
    expect(() => validate(configWith({ tls: undefined }))).not.toThrow();
  });

  it('is refused with the key, the value and what is expected', () => {
    expect(() => validate(configWith({ networkPort: '8000' }))).toThrow(
      ipcError('ERR_IPC_CONFIG', "config.networkPort is '8000'; it must be a port, from 0 to 65535."),
    );
    expect(() => validate(configWith({ retry: { min: 5, max: 1 } }))).toThrow(
      ipcError(
        'ERR_IPC_CONFIG',
        'config.retry is { min: 5, max: 1 }; it must be milliseconds, from 0 to 2147483647, or { min, max } of such.',
      ),
    );
    expect(() => validate(configWith({ unlink: 'yes' }))).toThrow(
      ipcError('ERR_IPC_CONFIG', "config.unlink is 'yes'; it must be true, false or 'force'."),
    );
  });

  const wrong: Record<Exclude<keyof Config, 'interface' | 'IPType' | 'credentials'>, unknown[]> = {
    appspace: [1, null, undefined],
    socketRoot: [1, false],
    id: ['', 1, undefined],
    networkHost: ['', 1],
    networkPort: ['8000', -1, 65_536, 1.5, Number.NaN, undefined],
    readableAll: [1, 'true', undefined],
    writableAll: [0, undefined],
    mode: [-1, 0o1000, 1.5, '888', '66', 'rw', null, true],
    group: ['', -1, 1.5, null, true],
    encoding: ['utf32', '', ' utf8', undefined],
    rawBuffer: [1, undefined],
    delimiter: ['', ',', 'e', ' ', '{}', '12', '\ud800', 1, undefined],
    sync: ['yes'],
    silent: ['yes'],
    logInColor: [1],
    logDepth: [-1, '5', Number.NaN],
    logger: [undefined, 'console'],
    logPayloads: [1],
    admissionLimit: [0, -1, '100', Number.NaN],
    maxConnections: [-1, '100', Number.NaN, false],
    retry: [-1, '500', Number.NaN, 2 ** 31, null, {}, { min: 1 }, { min: 2, max: 1 }, { min: 1, max: '2' }],
    maxRetries: [-1, '3', Number.NaN, null, undefined],
    stopRetrying: [-1, '3', Number.NaN, null, undefined],
    unlink: ['true', 1, undefined],
    sameUser: [1],
    exclusive: [1],
    interfaces: [false, undefined, 'eth0', null],
    tls: [true, 'tls', null],
    udp: [null, 5, { multicast: 5 }, { ttl: 0 }, { ttl: 256 }, { reusePort: 'yes' }, { reuseAdr: true }],
    maxMessageSize: [0, '1', Number.NaN],
    maxDepth: [0, 1.5, '1', 2001, Number.NaN],
    maxPendingBytes: [0, '1', Number.NaN],
    messageTimeout: [-1, 2 ** 31, '1', Number.NaN, Number.POSITIVE_INFINITY],
    handshakeTimeout: [-1, 2 ** 31, '1', Number.NaN],
    requestTimeout: [-1, 2 ** 31, '1', Number.NaN],
    allowReservedEvents: [1],
    identifyPeer: [1],
    codec: ['', 1, undefined],
    compress: ['deflate', undefined],
    codecs: ['msgpack', [1], null],
    framing: ['netstring', undefined],
    authorize: [true, 'yes', null],
    accept: [[], [1], [''], 'json', undefined],
    dialect: ['', 1, undefined],
  };

  for (const [key, values] of Object.entries(wrong)) {
    it(`is refused for a bad ${key}`, () => {
      for (const value of values) {
        expect(() => validate(configWith({ [key]: value })))
          .withContext(String(value))
          .toThrow(ipcError('ERR_IPC_CONFIG', `config.${key} is `));
      }
    });
  }

  it('is refused where rawBuffer cannot keep what else is asked for', () => {
    expect(() => validate(configWith({ rawBuffer: true }))).not.toThrow();
    const needHello = [
      { codec: 'msgpack' },
      { compress: true },
      { credentials: 'me' },
      { authorize: () => true },
    ];
    for (const settings of needHello) {
      const [key] = Object.keys(settings);
      expect(() => validate(configWith({ rawBuffer: true, ...settings }))).toThrow(
        ipcError('ERR_IPC_CONFIG', `config.${key} does not go with config.rawBuffer`),
      );
    }
  });
});

describe('A delimiter', () => {
  const accepted: [string, string][] = [
    ['\f', '\f'],
    ['\n', '\n'],
    ['\r\n', '\r'],
    ['\0\0', '\0'],
    ['\x1e', '\x1e'],
    ['||', '|'],
    ['§', '§'],
    ['END', 'N'],
    ['}|', '|'],
    ['e😀', '😀'],
    ['\x7f', '\x7f'],
  ];

  it('has a character that JSON uses only inside strings', () => {
    for (const [delimiter, safe] of accepted) {
      expect(safeCharacter(delimiter)).withContext(JSON.stringify(delimiter)).toBe(safe);
      expect(() => validate(configWith({ delimiter }))).not.toThrow();
    }
  });

  it('is refused where it has none', () => {
    for (const delimiter of [
      '',
      ',',
      '"',
      '\\',
      '{}',
      '[]',
      ':',
      ' ',
      'true',
      '0',
      '-1.5e+3',
      '\\u0',
      'nu',
    ]) {
      expect(safeCharacter(delimiter)).withContext(delimiter).toBe('');
      expect(() => validate(configWith({ delimiter }))).toThrow(
        ipcError('ERR_IPC_CONFIG', 'must be a string with a character that JSON uses only inside strings'),
      );
    }
  });

  it('is refused where it is half a character', () => {
    expect(() => validate(configWith({ delimiter: '|\ud83d' }))).toThrow(
      ipcError('ERR_IPC_CONFIG', 'config.delimiter'),
    );
  });

  it('is never made of what JSON writes around strings or in its escapes', () => {
    let ascii = '';
    for (let code = 0; code < 0x80; code++) ascii += String.fromCharCode(code);
    const written = JSON.stringify([{ [ascii]: ascii }, true, false, null, 1.5e-300, 1e300, '\u2028\ud800']);
    const outside =
      written.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""') + written.match(/\\(?:u[0-9a-f]{4}|.)/g)?.join('');
    for (const character of new Set(outside))
      expect(safeCharacter(character)).withContext(character).toBe('');
  });
});

describe('How often a client retries', () => {
  const unlimited = Number.POSITIVE_INFINITY;
  const expected: [Config['maxRetries'], [Config['stopRetrying'], number][]][] = [
    [
      false,
      [
        [false, unlimited],
        [true, 0],
        [0, 0],
        [3, 3],
      ],
    ],
    [
      true,
      [
        [false, unlimited],
        [true, 0],
        [0, 0],
        [3, 3],
      ],
    ],
    [
      0,
      [
        [false, 0],
        [true, 0],
        [0, 0],
        [3, 0],
      ],
    ],
    [
      2,
      [
        [false, 2],
        [true, 0],
        [0, 0],
        [3, 2],
        [1, 1],
      ],
    ],
    [
      unlimited,
      [
        [false, unlimited],
        [true, 0],
        [0, 0],
        [3, 3],
      ],
    ],
  ];

  for (const [maxRetries, cases] of expected) {
    it(`is what maxRetries ${maxRetries} and stopRetrying say together`, () => {
      for (const [stopRetrying, limit] of cases) {
        expect(retryLimit({ maxRetries, stopRetrying }))
          .withContext(`stopRetrying ${stopRetrying}`)
          .toBe(limit);
      }
    });
  }
});

describe('A delay', () => {
  it('is always the same where it is a number', () => {
    expect(delayOf(500)).toBe(500);
    expect(delayOf(0)).toBe(0);
  });

  it('is anything between two bounds', () => {
    const delays = Array.from({ length: 200 }, () => delayOf({ min: 10, max: 20 }));
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(10);
      expect(delay).toBeLessThanOrEqual(20);
    }
    expect(new Set(delays).size).toBeGreaterThan(100);
    expect(delayOf({ min: 7, max: 7 })).toBe(7);
  });
});
