import { createServer, type Socket } from 'node:net';
import type { StreamAddress } from '../../../entities/address.js';
import { defaults } from '../../../entities/config.js';
import type { IPCError } from '../../../entities/errors.js';
import { transportOf } from '../../../lib/transports/registry.js';
import { afterwards } from '../../support/afterwards.js';
import { freshCertificates } from '../../support/certificates.js';
import { ipcError } from '../../support/errors.js';
import { heard, once } from '../../support/events.js';
import { local, type Settings, tls } from '../../support/instances.js';
import { freePort } from '../../support/network.js';
import { freshPath } from '../../support/places.js';

type Outcome = { opened: Socket } | { failed: IPCError | undefined };

/** Dials, and tells what has come of it. */
function dialling(address: StreamAddress, settings: Settings = {}) {
  let settle: (outcome: Outcome) => void = () => {};
  const outcomes: Outcome[] = [];
  const outcome = new Promise<Outcome>((resolve) => {
    settle = (what) => {
      outcomes.push(what);
      resolve(what);
    };
  });
  const dial = transportOf(address).dial(address, Object.assign(defaults(), settings), {
    opened: (opened) => settle({ opened: opened as Socket }),
    failed: (failed) => settle({ failed }),
  });
  afterwards(() => (dial.socket as Socket | undefined)?.destroy());
  return { dial, outcome, outcomes };
}

/** A server that never accepts while this turn lasts, with room for few who wait. */
async function crowded() {
  const path = freshPath();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  const came = (count: number) => heard(server, 'connection', count);
  server.listen({ path, backlog: 1 });
  await once(server, 'listening');
  afterwards(async () => {
    for (const socket of sockets) socket.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
  return { path, came };
}

/** The port of a server that speaks no TLS, and does something else with its sockets. */
async function portOf(accept: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => accept(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(() => server.close());
  return (server.address() as { port: number }).port;
}

describe('A dial', () => {
  it('opens a socket that can be used', async () => {
    const server = await local.serve();
    const { dial, outcome } = dialling({ transport: 'unix', path: server.path });
    const socket = dial.socket;
    expect(await outcome).toEqual({ opened: socket as Socket });
    expect((socket as Socket).readyState).toBe('open');
  });

  it('fails with the reason, once', async () => {
    const path = freshPath();
    const { outcome, outcomes } = dialling({ transport: 'unix', path });
    expect(await outcome).toEqual({ failed: ipcError('ERR_IPC_CONNECT', path) });
    await new Promise(setImmediate);
    expect(outcomes.length).toBe(1);
  });

  it('fails if there is no server over TCP', async () => {
    const address = { transport: 'tcp', host: '127.0.0.1', port: await freePort() } as const;
    const { outcome } = dialling(address);
    expect(await outcome).toEqual({ failed: ipcError('ERR_IPC_CONNECT', 'nobody listens there') });
  });

  it('fails if a host name does not resolve', async () => {
    const { outcome } = dialling({ transport: 'tcp', host: 'no.such.host.invalid', port: 9 });
    expect(await outcome).toEqual({ failed: ipcError('ERR_IPC_CONNECT', /no\.such\.host\.invalid/) });
  });

  it('reports why every address of a host failed', async () => {
    const found = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
      { address: '::1', family: 6 },
    ];
    const lookup = (_host: string, _options: unknown, done: (error: null, all: typeof found) => void) =>
      done(null, found);
    const address = { transport: 'tcp', host: 'localhost', port: await freePort() } as const;
    const { outcome } = dialling(address, { interfaces: { lookup } });
    const every = /ECONNREFUSED 127\.0\.0\.1:.*; .*::1:.*nobody listens there/;
    expect(await outcome).toEqual({ failed: ipcError('ERR_IPC_CONNECT', every) });
  });

  it('throws at once for options that can never work', () => {
    const path = `/tmp/${'x'.repeat(200)}`;
    const wrong = () => dialling({ transport: 'unix', path });
    if (process.platform === 'win32') expect(wrong).not.toThrow();
    else expect(wrong).toThrow(ipcError('ERR_IPC_ADDRESS'));
  });

  it('that is abandoned fails without an error', async () => {
    const server = await local.serve();
    const { dial, outcome } = dialling({ transport: 'unix', path: server.path });
    dial.abandon();
    expect(await outcome).toEqual({ failed: undefined });
  });

  if (process.platform === 'linux') {
    it('is repeated while the listener’s queue is full', async () => {
      const { path, came } = await crowded();
      const all = came(30);
      const dials = Array.from({ length: 30 }, () => dialling({ transport: 'unix', path }));
      const outcomes = await Promise.all(dials.map(({ outcome }) => outcome));
      expect(outcomes.filter((outcome) => !('opened' in outcome))).toEqual([]);
      await expectAsync(all).toBeResolved();
    });

    it('can be abandoned while it waits to be repeated', async () => {
      const { path } = await crowded();
      const dials = Array.from({ length: 10 }, () => dialling({ transport: 'unix', path }));
      const last = dials.at(-1) as (typeof dials)[number];
      await once(last.dial.socket as Socket, 'close');
      last.dial.abandon();
      expect(await last.outcome).toEqual({ failed: undefined });
      await Promise.all(dials.map(({ outcome }) => outcome));
    });
  }
});

describe('A dial over TLS', () => {
  it('opens when the handshake is done', async () => {
    const server = await tls.serve();
    const { ca } = freshCertificates();
    const address = { transport: 'tls', host: server.path, port: server.port as number } as const;
    const { outcome } = dialling(address, { tls: { trustedConnections: ca } });
    const result = await outcome;
    expect('opened' in result && (result.opened as Socket & { authorized?: boolean }).authorized).toBeTrue();
  });

  it('fails with the reason if the certificate is refused', async () => {
    const server = await tls.serve();
    const { stranger } = freshCertificates();
    const address = { transport: 'tls', host: server.path, port: server.port as number } as const;
    const { outcome } = dialling(address, { tls: { trustedConnections: stranger.cert } });
    const refused = ipcError('ERR_IPC_HANDSHAKE', /The TLS handshake with .* failed.*trustedConnections/);
    expect(await outcome).toEqual({ failed: refused });
  });

  it('fails like any other dial if there is no server', async () => {
    const address = { transport: 'tls', host: '127.0.0.1', port: await freePort() } as const;
    const { outcome } = dialling(address, { tls: {} });
    expect(await outcome).toEqual({ failed: ipcError('ERR_IPC_CONNECT') });
  });

  it('fails if the handshake takes longer than handshakeTimeout', async () => {
    const port = await portOf((socket) => socket.resume());
    const address = { transport: 'tls', host: '127.0.0.1', port } as const;
    const { outcome } = dialling(address, { tls: {}, handshakeTimeout: 20 });
    const late = ipcError('ERR_IPC_HANDSHAKE', 'it took more than 20 ms (config.handshakeTimeout)');
    expect(await outcome).toEqual({ failed: late });
  });

  it('waits if handshakeTimeout is 0', async () => {
    const port = await portOf((socket) => socket.resume());
    const address = { transport: 'tls', host: '127.0.0.1', port } as const;
    const patient = dialling(address, { tls: {}, handshakeTimeout: 0 });
    const hasty = dialling(address, { tls: {}, handshakeTimeout: 20 });
    await hasty.outcome;
    expect(patient.outcomes).toEqual([]);
    patient.dial.abandon();
    expect(await patient.outcome).toEqual({ failed: undefined });
  });

  it('fails if the other side closes it without sending anything', async () => {
    const port = await portOf((socket) => socket.destroy());
    const { outcome } = dialling({ transport: 'tls', host: '127.0.0.1', port }, { tls: {} });
    expect(await outcome).toEqual({ failed: ipcError('ERR_IPC_HANDSHAKE') });
  });
});
