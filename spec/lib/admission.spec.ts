import type { Config } from '../../entities/config.js';
import { once } from '../support/events.js';
import { freshIPC, local } from '../support/instances.js';
import { barePeer } from '../support/peers.js';

describe('Admission', () => {
  const guarded = (authorize: Config['authorize']) => local.serve({ authorize });

  it('is at once where nobody is asked', async () => {
    const server = await local.serve();
    const connected = once(server, 'connect');
    await barePeer(server);
    await connected;
    expect(server.sockets.length).toBe(1);
  });

  it('waits for the verdict, and delivers nothing before', async () => {
    let admit: (verdict: boolean) => void = () => {};
    const server = await guarded(
      () =>
        new Promise((resolve) => {
          admit = resolve;
        }),
    );
    const log: string[] = [];
    server.on('connect', () => log.push('connect'));
    const heard = once(server, 'message');
    const peer = await barePeer(server);
    peer.emit('ipc:hello', { session: 'a' }).emit('message', 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([log, server.sockets.length]).toEqual([[], 0]);
    admit(true);
    await heard;
    expect(log).toEqual(['connect']);
  });

  it('refuses who says no hello, or the wrong one', async () => {
    const server = await guarded((credentials) => credentials === 'right' || 'wrong');
    const peer = await barePeer(server);
    peer.emit('message', 1);
    await peer.ended();
    const client = freshIPC({ credentials: 'left', maxRetries: 0 }).connectTo('world', server.path);
    await expectAsync(client.ready()).toBeRejected();
    expect(server.sockets.length).toBe(0);
  });
});
