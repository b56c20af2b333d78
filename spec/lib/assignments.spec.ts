import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { freshIPC, join, local, tcp } from '../support/instances.js';
import { freshPath } from '../support/places.js';
import { warningsOf } from '../support/warnings.js';

/** The objects as a program without types sees them. */
// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Loose = any;

describe('Assigning to a property that is plain data in node-ipc', () => {
  it('has no effect if this side maintains it, and a process warning says what to do instead', async () => {
    const server: Loose = await local.serve();
    const client: Loose = await join(local, server);
    const { socket } = client;
    const [peer] = server.sockets;
    const warnings = await warningsOf(() => {
      for (const name of ['socket', 'connected', 'status', 'config', 'log']) client[name] = 'stub';
      for (const name of ['server', 'sockets', 'active', 'id', 'servers', 'config', 'log', 'udp4', 'udp6'])
        server[name] = 'stub';
      client.socket = null;
    });
    expect(warnings.length).toBe(14);
    expect(warnings).toContain(
      ipcError(
        'ERR_IPC_ARGUMENT',
        "Assigning 'stub' to client.socket has no effect; the client keeps its own socket; to end the connection, call client.destroy().",
      ),
    );
    expect([client.socket, client.connected, server.sockets]).toEqual([socket, true, [peer]]);
  });

  it('sets the address of the server for its next start', async () => {
    const [path, other] = [freshPath(), freshPath()];
    const server = freshIPC().serve(path);
    server.path = other;
    await server.start();
    const client = freshIPC().connectTo('world', other);
    await client.ready();
    server.path = path;
    await server.stop();
    await server.start();
    await freshIPC().connectTo('world', path).ready();
    expect(server.path).toBe(path);
  });

  it('sets the address of the client for its next attempt, for a path and for TCP', async () => {
    const server = await local.serve();
    const client = freshIPC().connectTo('world', freshPath());
    await once(client, 'error');
    client.path = server.path;
    await client.ready();
    const net = await tcp.serve();
    const netClient: Loose = freshIPC().connectToNet('world', '127.0.0.1', 1);
    await once(netClient, 'error');
    netClient.port = String(net.port);
    await netClient.ready();
    expect([client.path, netClient.port]).toEqual([server.path, net.port]);
  });

  it('is refused, with what is expected, if it is not a place to connect to or to listen on', async () => {
    const client: Loose = freshIPC().connectTo('world', freshPath());
    const server: Loose = freshIPC().serveNet('127.0.0.1', 0);
    for (const [assign, says] of [
      [() => (client.path = 5), '5 is not a path; it must be a string.'],
      [() => (client.path = ''), "'' is not a path"],
      [() => (server.path = null), 'null is not a host'],
      [() => (server.port = 65_536), '65536 is not a port'],
      [() => (server.port = '8e3'), "'8e3' is not a port"],
    ] as const)
      expect(assign).toThrow(ipcError('ERR_IPC_ARGUMENT', says));
    const warnings = await warningsOf(() => {
      client.port = 8123;
    });
    expect(warnings).toEqual([
      ipcError(
        'ERR_IPC_ARGUMENT',
        'client.port has no effect; this client has no port of its own; call connectTo or',
      ),
    ]);
  });

  it("keeps to the profile 'assured'", () => {
    if (process.platform === 'win32') return pending('Windows pipes are refused');
    const server = freshIPC({ profile: 'assured', allowedEvents: ['a'] }).serve(freshPath());
    expect(() => (server.path = '\0abstract')).toThrow(
      ipcError('ERR_IPC_CONFIG', "config.profile is 'assured'"),
    );
    const client = freshIPC({ profile: 'assured', allowedEvents: ['a'] }).connectTo('world', freshPath());
    expect(() => (client.path = '\0abstract')).toThrow(
      ipcError('ERR_IPC_CONFIG', "config.profile is 'assured'"),
    );
  });
});
