import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Setting } from '../../entities/config/setting.js';
import type { Encoding } from '../../entities/config/wire.js';
import { type Config, defaults, SETTINGS, validate } from '../../entities/config.js';
import { ipcError } from '../support/errors.js';
import { inProject } from '../support/project.js';
import { configWith } from '../support/settings.js';

const MEBIBYTE = 1024 * 1024;

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
        maxTotalBytes: 256 * MEBIBYTE,
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

  it('needs no check and no normalization, which are left out for its values', () => {
    for (const [key, setting] of Object.entries<Setting>(SETTINGS)) {
      const { default: usual, check, normalize } = setting;
      expect(check(usual)).withContext(key).toBeTrue();
      if (normalize !== undefined) expect(normalize(usual)).withContext(key).toBe(usual);
    }
  });

  it('is not shared with another user', () => {
    const [one, other] = [defaults(), defaults()];
    one.interfaces.family = 6;
    one.id = 'one';
    expect(other.interfaces.family).toBeFalse();
    expect(other.id).toBe(hostname());
  });

  it('has its interfaces under both names of node-ipc', () => {
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
  it('accepts each documented value', () => {
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

  it('accepts an undefined tls', () => {
    expect(() => validate(configWith({ tls: undefined }))).not.toThrow();
  });

  it('is refused with the key, the value and the expected values', () => {
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
});

describe('Each key of a config', () => {
  const source = ['entities/config.ts', ...partFiles()].map((file) => readFileSync(inProject(file), 'utf8'));
  const documented = new Map(
    source.flatMap((text) =>
      [...text.matchAll(/\/\*\*(?<doc>(?:(?!\*\/).)*)\*\/\n {2}(?<key>\w+)\??: /gs)].map(({ groups }) => [
        groups?.key as string,
        groups?.doc as string,
      ]),
    ),
  );

  it('has a docstring with its meaning and its default', () => {
    for (const key of [...Object.keys(SETTINGS), 'interface', 'IPType']) {
      expect(documented.get(key))
        .withContext(key)
        .toMatch(/\w{3}.*@default \S/s);
    }
  });

  it('has a docstring that names the unit of a quantity', () => {
    for (const [key, { expected }] of Object.entries(SETTINGS)) {
      const unit = /milliseconds|bytes/.exec(expected)?.[0];
      if (unit !== undefined) expect(documented.get(key)).withContext(key).toContain(unit);
    }
  });
});

function partFiles(): string[] {
  return readdirSync(inProject('entities', 'config')).map((name) => `entities/config/${name}`);
}
