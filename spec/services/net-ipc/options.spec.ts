import { inspect } from 'node:util';
import type { TlsConfig } from '../../../entities/config/network.js';
import {
  clientConfig,
  clientSettings,
  retryTime,
  serverConfig,
  serverSettings,
} from '../../../services/net-ipc/options.js';

describe("net-ipc's options", () => {
  it('have the defaults of net-ipc', () => {
    expect(clientSettings({})).toEqual({
      path: 'net-ipc',
      host: undefined,
      port: undefined,
      tls: false,
      options: {},
      handshake: false,
      compress: false,
      messagepack: false,
      reconnect: true,
      retries: 3,
      maxRetryTime: 10_000,
    });
    expect(serverSettings({})).toEqual({
      path: 'net-ipc',
      port: undefined,
      tls: false,
      options: {},
      listener: {},
      max: undefined,
      retries: 3,
      idGen: undefined,
    });
  });

  for (const [given, host, port] of [
    [{ host: 'example.org' }, 'example.org', 4466],
    [{ host: 'example.org', port: 1 }, 'example.org', 1],
    [{ host: 'example.org', port: '8333' }, 'example.org', 8333],
    [{ url: 'localhost:8333' }, 'localhost', 8333],
    [{ url: 'tcp://localhost' }, 'localhost', 4466],
    [{ url: new URL('tcp://localhost:8333') }, 'localhost', 8333],
    [{ url: '[::1]:8333' }, '::1', 8333],
  ] as const) {
    it(`connect to ${host}:${port} by ${JSON.stringify(given)}`, () => {
      const settings = clientSettings(given as object);
      expect([settings.host, settings.port, settings.path]).toEqual([host, port, undefined]);
    });
  }

  for (const given of [
    { path: 1n },
    { port: 1n, host: 'x' },
    { url: {} },
    { url: Symbol('x') },
    { host: '' },
    { host: 'x', port: 0 },
    { host: 'x', port: 'http' },
    { path: 1 },
    { url: '' },
    { options: 1 },
    { tls: true },
  ]) {
    it(`are refused if they are ${inspect(given)}`, () => {
      expect(() => clientSettings(given as object)).toThrowMatching(
        ({ code }) => code === 'ERR_IPC_ARGUMENT',
      );
    });
  }

  it('treat null as a missing option', () => {
    const nothing = { path: null, host: null, port: null, url: null, options: null };
    expect(clientSettings(nothing as object)).toEqual(clientSettings({}));
    expect(serverSettings(nothing as object)).toEqual(serverSettings({}));
  });

  it('ignore invalid numbers', () => {
    const { retries, maxRetryTime } = clientSettings({ retries: 0, maxRetryTime: 100 });
    expect([retries, maxRetryTime]).toEqual([3, 10_000]);
    for (const [retries, max] of [
      [-1, -5],
      [Symbol('x'), Object.create(null)],
    ]) {
      const server = serverSettings({ retries, max });
      expect([server.retries, server.max]).toEqual([3, undefined]);
    }
  });

  it('reach node:net and node:tls', () => {
    const settings = clientSettings({ host: 'example.org', tls: true, options: { ca: 'a CA' } });
    const client = clientConfig(settings, {}, 'payload');
    expect(client.tls as TlsConfig).toEqual({ servername: 'example.org', ca: 'a CA' });
    expect(client.credentials).toBe('payload');
    const ip = clientConfig(clientSettings({ host: '127.0.0.1', tls: true }), {}, undefined);
    expect(ip.tls as TlsConfig).toEqual({});
    const given = {
      port: 1,
      options: { keepAlive: true },
      listenOptions: { ipv6Only: true, exclusive: true },
    };
    const server = serverConfig(serverSettings(given), {});
    expect(server).toEqual(
      jasmine.objectContaining({
        exclusive: true,
        readableAll: false,
        listenOptions: { ipv6Only: true },
        serverOptions: { keepAlive: true },
      }) as unknown as typeof server,
    );
  });

  it('make each wait half a second longer, up to the maximum', () => {
    expect([retryTime(1), retryTime(3), retryTime(50), retryTime(50, 700)]).toEqual([500, 1500, 10_000, 700]);
  });
});
