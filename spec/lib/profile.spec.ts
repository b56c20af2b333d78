import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../entities/config.js';
import { defaults } from '../../entities/config.js';
import { fixed, openConfig } from '../../entities/settings.js';
import { checkProfile } from '../../lib/profile.js';
import type { Server } from '../../lib/server.js';
import { freshCertificates } from '../support/certificates.js';
import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { freshIPC } from '../support/instances.js';
import { freshDirectory } from '../support/places.js';

const windows = process.platform === 'win32';
const anything = {
  '~standard': { version: 1, vendor: 'spec', validate: (value: unknown) => ({ value }) },
} as const;

describe('config.profile', () => {
  const configOf = (set: (config: Config) => void) => {
    const config = openConfig();
    set(config);
    return fixed(config);
  };

  it('sets only keys that the program did not set', () => {
    const config = configOf((open) => {
      open.profile = 'guarded';
      open.maxMessageSize = 5000;
      open.maxDepth = 500;
    });
    expect([config.maxMessageSize, config.maxDepth, config.maxEventNameLength]).toEqual([5000, 500, 256]);
    expect(configOf(() => {}).maxEventNameLength).toBe(4096);
  });

  it('does not change keys of a whole config that differ from the defaults', () => {
    const whole = { ...defaults(), profile: 'assured' as const, maxDepth: 7 };
    const config = fixed(openConfig(whole));
    expect([config.maxDepth, config.sameUser, config.maxPendingBytes]).toEqual([7, true, 8 * 2 ** 20]);
  });

  it('sets a key again that was deleted, and nothing after a change to compatible', () => {
    const open = openConfig();
    open.profile = 'guarded';
    open.maxDepth = 7;
    Reflect.deleteProperty(open, 'maxDepth');
    expect(fixed(open).maxDepth).toBe(100);
    open.profile = 'compatible';
    expect(fixed(openConfig({ ...open })).maxDepth).toBe(500);
  });

  it('must exist', () => {
    expect(() => configOf((open) => Object.assign(open, { profile: 'Assured' }))).toThrow(
      ipcError('ERR_IPC_CONFIG', 'compatible, guarded, assured'),
    );
  });
});

describe('The assured profile', () => {
  const config = (more: Partial<Config> = {}) => ({ ...defaults(), profile: 'assured', ...more }) as Config;
  const tls = { private: 'key.pem', public: 'cert.pem', trustedConnections: 'ca.pem', requestCert: true };
  const at = { host: 'localhost', port: 8000 };

  it('refuses transports that do not authenticate the other end', () => {
    for (const [address, message] of [
      [{ transport: 'udp', family: 'udp4', ...at }, 'UDP does not authenticate the sender'],
      [{ transport: 'tcp', ...at }, 'set config.tls'],
      [{ transport: 'tls', ...at }, 'there are no certificates'],
      [{ transport: 'unix', path: '\0abstract' }, windows ? 'Windows pipe' : 'abstract socket'],
      [{ transport: 'unix', path: 'fd:3', fd: 3 }, 'listens already'],
    ] as const) {
      for (const role of ['client', 'server'] as const) {
        expect(() => checkProfile(config(), address as never, role)).toThrow(
          ipcError('ERR_IPC_CONFIG', message),
        );
        expect(() => checkProfile(defaults(), address as never, role)).not.toThrow();
      }
    }
  });

  it('requires certificates of both sides, and checks them', () => {
    const check = (role: 'client' | 'server', more: object) => () =>
      checkProfile(config({ tls: { ...tls, ...more } as never }), { transport: 'tls', ...at }, role);
    expect(check('server', {})).not.toThrow();
    expect(check('client', { requestCert: undefined })).not.toThrow();
    for (const more of [
      { private: undefined },
      { public: undefined },
      { trustedConnections: undefined },
      { rejectUnauthorized: false },
    ]) {
      for (const role of ['client', 'server'] as const)
        expect(check(role, more)).toThrow(ipcError('ERR_IPC_CONFIG'));
    }
    expect(check('server', { requestCert: undefined })).toThrow(ipcError('ERR_IPC_CONFIG', 'requestCert'));
    expect(check('client', { private: undefined, public: undefined, key: 'k', cert: 'c' })).not.toThrow();
  });

  it('works over mutual TLS, and refuses a plain port that is requested explicitly', async () => {
    const { server: own, ca } = freshCertificates();
    const mutual = { private: own.key, public: own.cert, trustedConnections: ca, requestCert: true };
    const ipc = freshIPC({ profile: 'assured', tls: mutual });
    const server = await ipc.serveNet('127.0.0.1', 0).start();
    const client = freshIPC({ profile: 'assured', tls: mutual }).connectToNet(
      'world',
      '127.0.0.1',
      server.port,
    );
    const heard = once(server, 'event');
    client.emit('event', 1);
    expect((await heard)[0]).toBe(1);
    expect(() => freshIPC({ profile: 'assured' }).serveNet('127.0.0.1', 0)).toThrow(
      ipcError('ERR_IPC_CONFIG'),
    );
    expect(() => freshIPC({ profile: 'assured' }).serveNet('127.0.0.1', 0, 'udp4')).toThrow(
      ipcError('ERR_IPC_CONFIG'),
    );
  });

  it('answers only requests with a schema', async () => {
    const socketRoot = `${freshDirectory()}/`;
    chmodSync(socketRoot, 0o700);
    if (windows) return pending('Windows pipes are refused');
    const settings = { profile: 'assured', socketRoot, id: 'world' } as const;
    const server = freshIPC(settings).serve();
    for (const side of [server, freshIPC(settings).connectTo('world') as unknown as Server]) {
      expect(() => side.handle('add', () => 1)).toThrow(ipcError('ERR_IPC_CONFIG', '{ input: schema }'));
      side.handle('add', { input: anything }, () => 1);
    }
    await server.start();
    expect(await freshIPC(settings).connectTo('world').request('add')).toBe(1);
  });

  it('has sockets in a private directory of this user, which a server creates', async () => {
    if (windows) return pending('Windows pipes are refused');
    const home = freshDirectory();
    chmodSync(home, 0o700);
    const socketRoot = join(home, 'sockets/');
    const settings = { profile: 'assured', socketRoot, id: 'world' } as const;
    const server = await freshIPC(settings).serve().start();
    expect(statSync(socketRoot).mode & 0o777).toBe(0o700);
    expect(await freshIPC(settings).connectTo('world').ping()).toBeGreaterThan(0);
    await server.stop();
    const open = join(home, 'open/');
    mkdirSync(open);
    chmodSync(open, 0o755);
    const elsewhere = { ...settings, socketRoot: open };
    await expectAsync(freshIPC(elsewhere).serve().start()).toBeRejectedWith(
      ipcError('ERR_IPC_ADDRESS', 'mode 0700'),
    );
    await freshIPC({ socketRoot: open, id: 'world' }).serve().start();
    const client = freshIPC({ ...elsewhere, stopRetrying: true }).connectTo('world');
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_ADDRESS', 'mode 0700'));
  });
});
