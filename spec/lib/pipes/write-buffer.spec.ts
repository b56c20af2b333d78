import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { WriteBuffer } from '../../../lib/pipes/write-buffer.js';
import { once } from '../../support/events.js';
import { BareServer, type Peer } from '../../support/peers.js';
import { freshDirectory } from '../../support/places.js';
import { start } from '../../support/processes.js';
import { socketPair } from '../../support/sockets.js';

/** What a socket is told to write. */
interface Counted {
  /** All but the empty ones, which tell on Linux when the kernel has taken what came before, if it does not do so at once. */
  writes: (string | Uint8Array)[];
  /** How long each was, the empty ones too, when it was written: the memory of some is given back afterwards. */
  lengths: number[];
}

function count(socket: Socket): Counted {
  const counted: Counted = { writes: [], lengths: [] };
  const write = socket.write.bind(socket) as (chunk: string | Uint8Array, ...more: unknown[]) => boolean;
  socket.write = (chunk: string | Uint8Array, ...more: unknown[]) => {
    if (chunk.length > 0) counted.writes.push(chunk);
    counted.lengths.push(chunk.length);
    return write(chunk, ...more);
  };
  return counted;
}

describe('A write buffer', () => {
  let socket: Socket;
  let peer: Peer;
  let outbox: WriteBuffer;
  let counted: Counted;

  beforeEach(async () => {
    ({ socket, peer } = await socketPair());
    counted = count(socket);
    outbox = new WriteBuffer(socket);
  });

  const received = (length: number) => peer.until(() => peer.bytes.length >= length, `${length} bytes`);
  /** Waits until the writer knows, too, that everything is written; some systems tell it later than the reader. */
  const written = () => new Promise<boolean>((resolve) => outbox.drained(resolve));

  it('writes everything that was pushed in a turn at once, at its end', async () => {
    for (let i = 0; i < 100; i++) outbox.push(`${i},`);
    expect(counted.writes).toEqual([]);
    await received(290);
    expect(peer.text).toBe(`${[...Array(100).keys()].join()},`);
    expect(counted.writes.length).toBe(1);
    outbox.push('more');
    await received(294);
    expect(counted.writes.length).toBe(2);
  });

  it('writes nothing empty over TLS, which not every runtime accepts, and continues when the kernel takes more', async () => {
    Object.assign(socket, { encrypted: true });
    outbox = new WriteBuffer(socket);
    const text = 'x'.repeat(8 * 1024 * 1024);
    outbox.push(text);
    await received(text.length);
    outbox.push('end');
    await received(text.length + 3);
    await written();
    expect(peer.bytes.length).toBe(text.length + 3);
    expect(counted.lengths).not.toContain(0);
    expect(outbox.pending).toBe(0);
  });

  it('reports over TLS when everything pushed is written, or was lost', async () => {
    Object.assign(socket, { encrypted: true });
    outbox = new WriteBuffer(socket);
    const drained = () => new Promise<boolean>((resolve) => outbox.drained(resolve));
    expect(await drained()).toBeFalse();
    const text = 'x'.repeat(8 * 1024 * 1024);
    outbox.push(text);
    expect(await drained()).toBeFalse();
    expect(socket.writableLength).toBe(0);
    await received(text.length);
    peer.socket.pause();
    outbox.push(text);
    const lost = drained();
    socket.destroy();
    expect(await lost).toBeTrue();
    expect(counted.lengths).not.toContain(0);
  });

  it('continues over TLS while the only open write is one that the program made itself', async () => {
    Object.assign(socket, { encrypted: true });
    outbox = new WriteBuffer(socket);
    const text = 'x'.repeat(8 * 1024 * 1024);
    socket.write(text);
    outbox.flush(true);
    outbox.push('end');
    await received(text.length + 3);
    expect(await written()).toBeFalse();
  });

  it('joins bytes and text, in the order they were pushed', async () => {
    outbox.push('a');
    outbox.push(Buffer.from([0xff]));
    outbox.push(Buffer.from('b'));
    outbox.push('ä');
    outbox.push('€');
    await received(8);
    expect(peer.bytes).toEqual(Buffer.concat([Buffer.from('a\xff', 'latin1'), Buffer.from('bä€')]));
    expect(counted.writes.length).toBe(1);
  });

  it('encodes text with its own encoding, all at once, and separately from other text', async () => {
    const seen: string[] = [];
    const latin1 = {
      bytes(text: string) {
        seen.push(text);
        return Buffer.from(text, 'latin1');
      },
    };
    outbox.push('é', latin1);
    outbox.push('\x80', latin1);
    outbox.push('é');
    outbox.push('ü', latin1);
    outbox.push(Buffer.from('b'));
    await received(6);
    expect(peer.bytes.toString('hex')).toBe('e980c3a9fc62');
    expect([seen, counted.writes.length]).toEqual([['é\x80', 'ü'], 1]);
    outbox.push('\xff'.repeat(20_000), latin1);
    outbox.push('\xfe', latin1);
    await received(20_007);
    expect(peer.bytes.subarray(-2).toString('hex')).toBe('fffe');
  });

  it('writes a single buffer as it is', async () => {
    const bytes = Buffer.from('as it is');
    outbox.push(bytes);
    await received(8);
    expect(counted.writes).toEqual([bytes]);
    expect(counted.writes[0]).toBe(bytes);
  });

  it('does not copy large buffers, and still writes them together', async () => {
    const parts = [Buffer.alloc(40_000, 'a'), Buffer.alloc(40_000, 'b')];
    outbox.push('<');
    for (const part of parts) outbox.push(part);
    outbox.push('>');
    await received(80_002);
    expect(peer.text).toBe(`<${'a'.repeat(40_000)}${'b'.repeat(40_000)}>`);
    expect(counted.writes.length).toBe(4);
    expect(counted.writes[1]).toBe(parts[0]!);
    expect(counted.writes[2]).toBe(parts[1]!);
  });

  it('writes a long turn’s text in parts before the turn ends', async () => {
    const part = 'x'.repeat(1000);
    for (let i = 0; i < 40; i++) outbox.push(part);
    expect(counted.writes.length).toBeGreaterThan(0);
    await received(40_000);
    expect(counted.writes.length).toBeGreaterThan(1);
    expect(peer.text).toBe(part.repeat(40));
  });

  it('writes large buffers before the turn ends', async () => {
    const parts = [Buffer.alloc(50_000, 'a'), Buffer.alloc(50_000, 'b')];
    outbox.push(parts[0]!);
    expect(counted.writes).toEqual([]);
    outbox.push(parts[1]!);
    expect(counted.writes.slice(0, 2)).toEqual(parts);
    await received(100_000);
  });

  it('hands over the next piece of a long text when the kernel has accepted the previous one', async () => {
    const text = 'x\u{1f600}'.repeat(400_000);
    peer.socket.pause();
    outbox.push('<');
    outbox.push([text, 'y'.repeat(70_000), '>']);
    outbox.push(Buffer.from('!'));
    outbox.push('?');
    await new Promise(setImmediate);
    const sent = () => counted.lengths.reduce((sum, length) => sum + length, 0);
    expect(sent()).toBeLessThan(text.length / 2);
    expect(outbox.pending).toBeGreaterThan(text.length / 2);
    peer.socket.resume();
    await received(2_070_004);
    await written();
    expect(peer.text).toBe(`<${text}${'y'.repeat(70_000)}>!?`);
    expect(Math.max(...counted.lengths)).toBeLessThan(4 * 70_000);
    expect(outbox.pending).toBe(0);
  });

  it('encodes a long text as it is accepted, each part once and without splitting characters', async () => {
    const text = '\u{1f600}'.repeat(200_000);
    const asked: number[] = [];
    const long = {
      text,
      length: text.length,
      bytes(start: number, end: number) {
        asked.push(start, end);
        return Buffer.from(text.slice(start, end));
      },
    };
    peer.socket.pause();
    outbox.push(['<', long, '>']);
    await new Promise(setImmediate);
    expect(asked.at(-1) ?? 0).toBeLessThan(text.length);
    peer.socket.resume();
    await received(800_002);
    expect(peer.text).toBe(`<${text}>`);
    expect(asked.at(0)).toBe(0);
    expect(asked.at(-1)).toBe(text.length);
    for (let i = 1; i + 1 < asked.length; i += 2) expect(asked[i]).toBe(asked[i + 1] as number);
  });

  it('writes all of a long text on request', async () => {
    const text = 'é'.repeat(1_000_000);
    peer.socket.pause();
    outbox.push(text);
    outbox.flush(true);
    socket.end();
    peer.socket.resume();
    await peer.ended();
    expect(peer.text).toBe(text);
    expect(outbox.broken).toBeFalse();
  });

  it('knows that a frame was sent partly, whatever is left of it', async () => {
    for (const rest of ['x'.repeat(1_000_000), 'y'.repeat(50_000)]) {
      const other = await socketPair();
      const cut = new WriteBuffer(other.socket);
      other.peer.socket.pause();
      while (other.socket.writableLength === 0) {
        cut.push('x'.repeat(50_000));
        cut.flush();
      }
      cut.push(rest);
      cut.flush(true);
      await new Promise(setImmediate);
      other.socket.destroy();
      await once(other.socket, 'close');
      expect(cut.broken).toBeTrue();
    }
  });

  it('joins small pieces that wait for the kernel, so that each occupies little more than its bytes', async () => {
    peer.socket.pause();
    const large = Buffer.alloc(8 * 1024 * 1024, 'l');
    outbox.push(large);
    outbox.flush();
    const small = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`piece ${i}`.padEnd(15)));
    for (const piece of small) outbox.push(piece);
    const before = counted.writes.length;
    expect(outbox.pending).toBeGreaterThan(300_000);
    peer.socket.resume();
    await received(large.length + 300_000);
    expect(peer.bytes.subarray(large.length).equals(Buffer.concat(small))).toBeTrue();
    expect(counted.writes.length - before).toBeLessThan(30);
  });

  it('keeps the order if the other side is slow', async () => {
    peer.socket.pause();
    let sent = '';
    for (let turn = 0; turn < 100; turn++) {
      const text = `${turn}€`.repeat(2000);
      sent += text;
      outbox.push(text);
      if (turn % 3 === 0) outbox.push(Buffer.from('|'));
      if (turn % 3 === 0) sent += '|';
      await new Promise(setImmediate);
    }
    expect(socket.writableLength).toBeGreaterThan(0);
    peer.socket.resume();
    await received(Buffer.byteLength(sent));
    expect(peer.text).toBe(sent);
  });

  it('reports how much is pending', async () => {
    expect(outbox.pending).toBe(0);
    outbox.push('abc');
    expect(outbox.pending).toBe(3);
    outbox.push(Buffer.from('de'));
    outbox.push('€');
    expect(outbox.pending).toBe(6);
    await received(8);
    await written();
    expect(outbox.pending).toBe(0);
    peer.socket.pause();
    outbox.push('x'.repeat(1_000_000));
    outbox.push('y');
    expect(outbox.pending).toBeGreaterThan(0);
    expect(outbox.pending).toBeLessThanOrEqual(1_000_001);
    peer.socket.resume();
    await received(1_000_009);
    await written();
    expect(outbox.pending).toBe(0);
  });

  it('writes at once if told to, and nothing twice', async () => {
    outbox.push('now');
    outbox.flush();
    outbox.flush();
    expect(counted.writes.length).toBe(1);
    outbox.push(' and then');
    await received(12);
    expect(counted.writes.length).toBe(2);
    expect(peer.text).toBe('now and then');
  });

  it('keeps what it can no longer write, so that its loss can be reported', async () => {
    outbox.push('lost');
    outbox.push(Buffer.from('!'));
    socket.destroy();
    await once(socket, 'close');
    expect(outbox.pending).toBe(5);
    outbox.push('more');
    outbox.flush();
    expect(outbox.pending).toBe(9);
    expect(counted.writes).toEqual([]);
  });

  it('does not hold up others', async () => {
    const other = await socketPair();
    const dead = new Socket();
    dead.destroy();
    new WriteBuffer(dead).push('never');
    outbox.push('one');
    new WriteBuffer(other.socket).push('other');
    await received(3);
    await other.peer.until(() => other.peer.text === 'other', 'other text');
    expect(peer.text).toBe('one');
  });

  it('loses nothing that arrived before the other side exited, though it only learns then that its data is written', async () => {
    const server = await new BareServer().listen();
    const file = join(freshDirectory(), 'exits');
    const program = start('spec/fixtures/farewell.ts', [server.path, file]);
    const peer = await server.peer();
    const errors: Error[] = [];
    peer.socket.on('error', (error) => errors.push(error));
    const buffer = new WriteBuffer(peer.socket);
    buffer.push('hello');
    buffer.flush();
    // Blocks the event loop until the other side is gone.
    const until = Date.now() + 10_000;
    while (!existsSync(file) && Date.now() < until)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    await peer.ended();
    expect([peer.text, errors, buffer.broken]).toEqual(['farewell', [], false]);
    expect((await program.exited).code).toBe(0);
  });

  for (const how of ['exits', 'throws']) {
    it(`is written if the process ${how}`, async () => {
      const server = await new BareServer().listen();
      const program = start('spec/fixtures/write-buffer-at-exit.ts', [server.path, how]);
      const peer = await server.peer();
      await peer.ended();
      expect(peer.text).toBe('last words, of the exit too');
      expect((await program.exited).code).toBe(how === 'exits' ? 0 : 1);
    });
  }
});
