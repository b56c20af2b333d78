import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { DescriptorRest, HandleRest, type Rest } from '../../../lib/pipes/rest.js';
import { freshDirectory } from '../../support/places.js';

/** A kernel that takes so many bytes until somebody reads, beneath a handle whose queue shrinks in the event loop only. */
class Kernel {
  readonly _handle = { writeQueueSize: 0 };
  readonly sizes: number[] = [];
  text = '';
  room: number;
  fails = false;

  constructor(room: number) {
    this.room = room;
  }

  _write(piece: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    if (this.fails) {
      callback(new Error('EPIPE'));
      return;
    }
    this.sizes.push(piece.length);
    this.text += piece;
    this.room -= piece.length;
    if (this.room < 0) this._handle.writeQueueSize += piece.length;
  }
}

describe('A rest of unsent bytes that is written through a handle', () => {
  let now = 0;

  function rest(kernel: Kernel, bytes: string): Rest {
    now = 0;
    return new HandleRest(kernel as unknown as Socket, Buffer.from(bytes), now);
  }

  /** Writes each millisecond until all is taken; after how many. */
  function writeAll(left: Rest, milliseconds = 500): number {
    for (now = 0; now < milliseconds && !left.taken; now++) left.write(now);
    return now;
  }

  it('is accepted at once if the kernel has room, in pieces of bounded size', () => {
    const kernel = new Kernel(1e6);
    const left = rest(kernel, 'x'.repeat(100_000));
    expect(left.write(0)).toBe(16 * 1024);
    writeAll(left);
    expect([left.taken, kernel.text.length]).toEqual([true, 100_000]);
    expect(Math.max(...kernel.sizes)).toBe(16 * 1024);
  });

  it('probes with single bytes while the kernel has no room, and continues when it has', () => {
    const kernel = new Kernel(20_000);
    const text = [...Array(10_000).keys()].join('');
    const left = rest(kernel, text);
    writeAll(left, 20);
    expect(left.taken).toBeFalse();
    expect(kernel.sizes.slice(2)).toEqual(Array(kernel.sizes.length - 2).fill(1));
    kernel.room = 1e6;
    writeAll(left);
    expect([left.taken, kernel.text === text]).toEqual([true, true]);
  });

  it('keeps some bytes for probes, however few there are', () => {
    for (const size of [2, 100, 100_000]) {
      const kernel = new Kernel(0);
      const left = rest(kernel, 'x'.repeat(size));
      writeAll(left, 240);
      expect(left.taken).toBeFalse();
      kernel.room = 1e6;
      writeAll(left, 1000);
      expect(left.taken).withContext(`${size} bytes`).toBeTrue();
    }
  });

  it('cannot know whether the last write was accepted', () => {
    const kernel = new Kernel(1e6);
    kernel._handle.writeQueueSize = 7;
    const left = rest(kernel, '');
    expect([left.write(0), left.taken]).toEqual([0, false]);
    const nothing = rest(new Kernel(1e6), '');
    expect(nothing.taken).toBeTrue();
  });

  it('is accepted without a look at the queue where the runtime has no handle', () => {
    const texts: string[] = [];
    const _write = (piece: Buffer) => void texts.push(String(piece));
    for (const socket of [{ _write }, { _write, _handle: null }, { _write, _handle: {} }]) {
      const left = rest(socket as unknown as Kernel, 'xyz');
      expect([left.taken, left.write(0), left.write(0), left.taken]).toEqual([false, 2, 1, true]);
    }
    expect(texts).toEqual(['xy', 'z', 'xy', 'z', 'xy', 'z']);
  });

  it('is not accepted if the connection broke', () => {
    const kernel = new Kernel(1e6);
    kernel.fails = true;
    const left = rest(kernel, 'x');
    expect([left.write(0), left.write(1), left.taken]).toEqual([-1, -1, false]);
  });
});

describe('A rest of unsent bytes that is written to a descriptor', () => {
  it('is accepted when it is written, and never if the descriptor is closed', () => {
    const file = join(freshDirectory(), 'file');
    const descriptor = openSync(file, 'w');
    const left = new DescriptorRest(descriptor, Buffer.from('all of it'));
    expect([left.write(), left.taken]).toEqual([9, true]);
    expect(readFileSync(file, 'utf8')).toBe('all of it');
    closeSync(descriptor);
    const late = new DescriptorRest(descriptor, Buffer.from('late'));
    expect([late.write(), late.taken]).toEqual([-1, false]);
  });
});
