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

  /** A socket whose kernel accepts as many bytes as the spec says. */
  class Kernel {
    readonly _handle: { fd?: number; bytesWritten?: number; writeQueueSize?: number } = {
      fd: 9,
      bytesWritten: 0,
      writeQueueSize: 0,
    };
    bytesWritten = 0;
    writableLength = 0;

    /** Takes a chunk of which the kernel accepts nothing; what exceeds `dispatched` waits within Node. */
    write(size: number, dispatched = size): void {
      this.bytesWritten += size;
      this.writableLength += size;
      this._handle.bytesWritten = (this._handle.bytesWritten as number) + dispatched;
      this._handle.writeQueueSize = (this._handle.writeQueueSize as number) + dispatched;
    }

    /** The kernel accepts bytes; `completed` of them are of writes that are complete. */
    accept(size: number, completed: number): void {
      this._handle.writeQueueSize = (this._handle.writeQueueSize as number) - size;
      this.writableLength -= completed;
    }
  }

  function onKernel() {
    const kernel = new Kernel();
    return { kernel, all: new HeldWrites(kernel as unknown as Socket) };
  }

  it('forget the chunks that are written, and keep the others whole', () => {
    if (windows) pending('Windows does not tell what the kernel has accepted');
    const { kernel, all } = onKernel();
    for (const chunk of ['abc', Buffer.from('de'), 'ü']) {
      kernel.write(Buffer.byteLength(chunk as string));
      all.add(chunk);
    }
    all.look();
    expect(all.unsent()?.toString()).toBe('abcdeü');
    kernel.accept(5, 5);
    all.look();
    expect(all.unsent()?.toString()).toBe('ü');
    kernel.write(3);
    all.add('end');
    all.look();
    expect(all.unsent()?.toString()).toBe('üend');
    // The kernel has accepted a part of a write that is not complete.
    kernel.accept(3, 2);
    all.look();
    expect(all.unsent()?.toString()).toBe('nd');
    kernel.accept(2, 3);
    all.look();
    expect(all.unsent()?.length).toBe(0);
    // Everything before is forgotten.
    kernel.write(1);
    all.add('x');
    all.look();
    expect(all.unsent()?.toString()).toBe('x');
  });

  it('are unknown if they are more than what is held', () => {
    if (windows) pending('Windows does not tell what the kernel has accepted');
    const { kernel, all } = onKernel();
    kernel.write(5);
    all.add('five!');
    all.look();
    kernel._handle.writeQueueSize = 6;
    expect(all.unsent()).toBeUndefined();
    kernel._handle.writeQueueSize = 5;
    expect(all.unsent()?.toString()).toBe('five!');
  });

  it('are unknown if the runtime does not tell enough of its handle', () => {
    if (windows) pending('Windows has no descriptors');
    for (const member of ['fd', 'bytesWritten', 'writeQueueSize'] as const) {
      const { kernel, all } = onKernel();
      kernel.write(1);
      all.add('x');
      all.look();
      expect(all.descriptor).toBe(9);
      delete kernel._handle[member];
      expect(all.unsent()).withContext(member).toBeUndefined();
    }
  });

  it('have a descriptor even if it is the first of the process', () => {
    if (windows) pending('Windows has no descriptors');
    const { kernel, all } = onKernel();
    kernel._handle.fd = 0;
    kernel.write(1);
    all.add('x');
    all.look();
    expect([all.descriptor, all.unsent()?.toString()]).toEqual([0, 'x']);
  });
});
