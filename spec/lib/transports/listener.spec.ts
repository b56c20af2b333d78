import { connect, createServer } from 'node:net';
import { boundPort, closed, listening } from '../../../lib/transports/listener.js';
import { afterwards } from '../../support/afterwards.js';
import { failure, once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

describe('A server that starts to listen', () => {
  it('has bound its path when the call returns, and is ready a moment later', async () => {
    const server = createServer();
    const done = listening(server, { path: freshPath() });
    expect(server.listening).toBeTrue();
    await done;
    expect(server.listenerCount('error')).toBe(0);
    expect(server.listenerCount('listening')).toBe(0);
    await closed(server);
  });

  it('rejects with the error of the system, and can be started again', async () => {
    const path = freshPath();
    const [server, other] = [createServer(), createServer()];
    await listening(server, { path });
    const error = await failure(listening(other, { path }));
    expect(error).toEqual(jasmine.objectContaining({ code: 'EADDRINUSE' }));
    expect(other.listenerCount('error')).toBe(0);
    await closed(server);
    await listening(other, { path });
    await closed(other);
  });

  it('reports its port, if it has one', async () => {
    const [net, path] = [createServer(), createServer()];
    expect(boundPort(net)).toBeUndefined();
    await Promise.all([
      listening(net, { host: '127.0.0.1', port: 0 }),
      listening(path, { path: freshPath() }),
    ]);
    expect(boundPort(net)).toBeGreaterThan(0);
    expect(boundPort(path)).toBeUndefined();
    await Promise.all([closed(net), closed(path)]);
  });
});

describe('A server that stops listening', () => {
  it('is done at once, however many connections remain', async () => {
    const path = freshPath();
    const server = createServer();
    await listening(server, { path });
    const came = once(server, 'connection');
    const socket = connect(path);
    afterwards(() => socket.destroy());
    await came;
    await closed(server);
    expect(server.listening).toBeFalse();
    expect(socket.destroyed).toBeFalse();
    const ended = once(server, 'close');
    socket.destroy();
    await ended;
  });

  it('may be stopped twice', async () => {
    const server = createServer();
    await listening(server, { path: freshPath() });
    await Promise.all([closed(server), closed(server)]);
    expect(server.listening).toBeFalse();
  });
});
