import type { Socket } from 'node:net';
import type { BytePipe } from '../../../lib/pipes/byte-pipe.js';
import { Drain } from '../../../services/net-ipc/drain.js';
import { once } from '../../support/events.js';
import { bytePipe } from '../../support/pipes.js';
import { socketPair } from '../../support/sockets.js';

describe('Drain', () => {
  let pipe: BytePipe;
  let reader: Socket;
  let drain: Drain;

  beforeEach(async () => {
    const { socket, peer } = await socketPair();
    reader = peer.socket;
    reader.pause();
    pipe = bytePipe(socket);
    drain = new Drain(pipe);
  });

  const fill = () => pipe.write('x'.repeat(2_000_000));

  it('does not wait if little is to be written', async () => {
    pipe.write('x');
    expect(drain.wait()).toBe(drain.wait());
    await drain.wait();
    expect(pipe.buffer.pending).toBe(1);
  });

  it('waits until everything sent before is written', async () => {
    fill();
    const first = drain.wait();
    fill();
    const second = drain.wait();
    expect(second).not.toBe(first);
    reader.resume();
    await first;
    await second;
    expect(pipe.buffer.pending).toBe(0);
    expect(drain.wait()).toBe(drain.waitAMoment());
  });

  it('rejects all that wait if the connection is lost', async () => {
    fill();
    const waits = [drain.wait(), drain.wait(), drain.wait()];
    reader.destroy();
    const lost = jasmine.objectContaining({ code: 'ERR_IPC_DISCONNECTED' });
    for (const wait of waits) await expectAsync(wait).toBeRejectedWith(lost);
    await expectAsync(drain.wait()).toBeResolved();
  });

  it('resolves if the connection ends in order', async () => {
    fill();
    const waits = [drain.wait(), drain.wait()];
    pipe.end();
    const ended = once(reader, 'end');
    reader.resume();
    await ended;
    await Promise.all(waits);
    expect(reader.bytesRead).toBe(2_000_000);
  });

  it('waits a limited time for a peer that does not read, and then not again until it does', async () => {
    fill();
    const moment = drain.waitAMoment();
    await moment;
    expect(pipe.buffer.pending).toBeGreaterThan(0);
    expect(drain.waitAMoment()).toBe(moment);
    reader.resume();
    await drain.wait();
  });
});
