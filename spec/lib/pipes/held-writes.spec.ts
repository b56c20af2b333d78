import type { Socket } from 'node:net';
import { HeldWrites } from '../../../lib/pipes/held-writes.js';
import { socketPair } from '../../support/sockets.js';

const windows = process.platform === 'win32';

describe('Held writes', () => {
  let socket: Socket;
  let held: HeldWrites;

  beforeEach(async () => {
    const pair = await socketPair();
    pair.peer.socket.pause();
    socket = pair.socket;
    held = new HeldWrites(socket);
  });

  function write(chunk: string | Buffer): void {
    socket.write(chunk);
    held.add(chunk);
    held.look();
  }

  it('count the bytes that the kernel has not accepted, exactly', () => {
    const bytes = Buffer.alloc(1_000_000, 'x');
    write(bytes);
    write('ä');
    write(Buffer.from('end'));
    const unsent = held.unsent() as Buffer;
    if (windows) {
      // The first write is the kernel's, who is not asked how much of it is left.
      expect([unsent.toString(), held.descriptor]).toEqual(['äend', -1]);
      return;
    }
    expect(unsent.length).toBeGreaterThan(5);
    expect(unsent.length).toBeLessThan(1_000_005);
    expect(unsent.subarray(-6).toString()).toBe('xäend');
    expect(held.descriptor).toBeGreaterThan(0);
  });

  it('are unknown if other code has written meanwhile', () => {
    write(Buffer.alloc(1_000_000));
    socket.write('foreign');
    expect(held.unsent()).toBeUndefined();
    write(Buffer.from('more'));
    expect(held.unsent()).toBeUndefined();
  });

  it('are unknown if the socket is gone', () => {
    write(Buffer.alloc(1_000_000));
    socket.destroy();
    expect([held.unsent(), held.descriptor]).toEqual([undefined, -1]);
  });
});
