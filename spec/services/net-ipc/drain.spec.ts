import { connect, type Socket } from 'node:net';
import type { Connection } from '../../../lib/connection.js';
import type { Server } from '../../../lib/server.js';
import { faceConfig } from '../../../services/face/config.js';
import { FaceServer } from '../../../services/face/server.js';
import { Drain } from '../../../services/net-ipc/drain.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

describe('Drain', () => {
  let connection: Connection;
  let reader: Socket;
  let drain: Drain;

  beforeEach(async () => {
    const path = freshPath();
    const came = new Promise<Connection>((resolve) => {
      const face = {
        enter: (one: Connection) => resolve(one),
        hear: () => {},
        failed: () => {},
        leave: () => {},
      };
      const server: Server = new FaceServer(face, faceConfig({}), path);
      afterwards(() => server.stop({ timeout: 1 }));
      server.start().then(() => {
        reader = connect(path);
        afterwards(() => reader.destroy());
      });
    });
    connection = await came;
    drain = new Drain(connection);
  });

  const fill = () => connection.write('x'.repeat(2_000_000));

  it('waits for nothing where little is to be written', async () => {
    connection.write('x');
    expect(drain.wait()).toBe(drain.wait());
    await drain.wait();
    expect(connection.outbox.pending).toBe(1);
  });

  it('waits until all is written that was sent before', async () => {
    fill();
    const first = drain.wait();
    fill();
    const second = drain.wait();
    expect(second).not.toBe(first);
    reader.resume();
    await first;
    await second;
    expect(connection.outbox.pending).toBe(0);
    expect(drain.wait()).toBe(drain.waitAMoment());
  });

  it('rejects all who wait where the connection is lost', async () => {
    fill();
    const waits = [drain.wait(), drain.wait(), drain.wait()];
    reader.destroy();
    const lost = jasmine.objectContaining({ code: 'ERR_IPC_DISCONNECTED' });
    for (const wait of waits) await expectAsync(wait).toBeRejectedWith(lost);
    await expectAsync(drain.wait()).toBeResolved();
  });

  it('ends well where the connection ends in order', async () => {
    fill();
    const waits = [drain.wait(), drain.wait()];
    connection.end();
    const ended = once(reader, 'end');
    reader.resume();
    await ended;
    await Promise.all(waits);
    expect(reader.bytesRead).toBe(2_000_000);
  });

  it('waits a moment for one that does not read, and then no more until it does', async () => {
    fill();
    await drain.waitAMoment();
    expect(connection.outbox.pending).toBeGreaterThan(0);
    const before = performance.now();
    for (let i = 0; i < 100; i++) await drain.waitAMoment();
    expect(performance.now() - before).toBeLessThan(5000);
    reader.resume();
    await drain.wait();
  });
});
