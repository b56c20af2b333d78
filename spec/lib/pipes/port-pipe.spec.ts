import { defaults } from '../../../entities/config.js';
import { ITEM } from '../../../entities/stream.js';
import { StructuredDialect } from '../../../lib/dialects/structured.js';
import { PortPipe } from '../../../lib/pipes/port-pipe.js';
import { published } from '../../support/diagnostics.js';
import { ipcError } from '../../support/errors.js';
import { Listening } from '../../support/pipes.js';

describe('A port pipe', () => {
  function make(bytes = false, maxPendingBytes = 1000) {
    const posted: unknown[][] = [];
    let hear:
      | { message(kind: string, value: unknown): void; misread(cause: unknown): void; closed(): void }
      | undefined;
    const carrier = {
      socket: {},
      bytes,
      post: (kind: string, value: unknown) => void posted.push([kind, value]),
      receive: (receiver: NonNullable<typeof hear>) => {
        hear = receiver;
      },
      close: () => void posted.push(['closed']),
    };
    const listener = new Listening();
    const limits = { ...defaults(), maxPendingBytes };
    const pipe = new PortPipe(carrier, new StructuredDialect(), limits, listener);
    listener.pipe = pipe;
    return { pipe, posted, listener, hear: hear as NonNullable<typeof hear> };
  }
  const packet = (data: unknown) => ({ type: 'a', data });

  it('keeps packets while it is paused or held, and delivers them in order afterwards', () => {
    const { pipe, hear, listener } = make();
    pipe.pause();
    pipe.hold();
    hear.message('packet', packet(1));
    hear.message('packet', packet(2));
    pipe.resume();
    expect(listener.packets).toEqual([]);
    pipe.release();
    hear.message('packet', packet(3));
    expect(listener.packets.map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  it('delivers packets in order if one arrives while those that waited are delivered', () => {
    const { pipe, hear, listener } = make();
    pipe.pause();
    hear.message('packet', packet(1));
    hear.message('packet', packet(2));
    const { packets } = listener;
    spyOn(listener, 'packet').and.callFake((next) => {
      if (packets.push(next) === 1) hear.message('packet', packet(3));
    });
    pipe.resume();
    expect(packets.map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  it('makes no sender wait once it is destroyed, as nothing drains then', () => {
    const { pipe } = make(false, defaults().maxPendingBytes);
    while (!pipe.congested) pipe.send(packet('x'.repeat(10_000)));
    const drained = jasmine.createSpy();
    pipe.drained(drained);
    expect(drained).not.toHaveBeenCalled();
    pipe.destroy();
    pipe.drained(drained);
    expect(drained).toHaveBeenCalledWith(true);
    expect(pipe.congested).toBeFalse();
  });

  it('posts a copy of the bytes of an item, and not the memory around them', () => {
    const { pipe, posted } = make(true);
    const bytes = Buffer.from('beside').subarray(2, 4);
    pipe.send({ type: ITEM, data: { id: 1, seq: 0, item: bytes } });
    pipe.send({ type: ITEM, data: { id: 1, seq: 1, item: 'text' } });
    const [first, second] = posted.map(([, value]) => (value as { data: { item: unknown } }).data.item);
    expect(first).toEqual(new Uint8Array(Buffer.from('si')));
    expect((first as Uint8Array).buffer.byteLength).toBe(2);
    expect(second).toBe('text');
    expect(pipe.dialect.capabilities.streams).toBe('bytes');
    expect(make().pipe.dialect.capabilities.streams).toBe('base64');
  });

  it('acknowledges received packets once per turn', async () => {
    const { hear, posted } = make();
    hear.message('packet', packet(1));
    hear.message('packet', packet(2));
    await new Promise(setImmediate);
    expect(posted).toEqual([['taken', 2]]);
  });

  it('limits the bytes that are not acknowledged', () => {
    const { pipe, hear, listener } = make();
    expect(pipe.send(packet('x'.repeat(900)))).toBeTrue();
    expect(pipe.send(packet('x'.repeat(900)))).toBeFalse();
    expect(listener.errors).toEqual([ipcError('ERR_IPC_BACKPRESSURE')]);
    const drained = jasmine.createSpy();
    pipe.drained(drained);
    pipe.send(packet('short'));
    for (const invalid of [-1, 'all', 1.5, Number.POSITIVE_INFINITY]) hear.message('taken', invalid);
    expect(pipe.stats.pendingBytes).toBeGreaterThan(900);
    hear.message('taken', 1);
    expect(drained).not.toHaveBeenCalled();
    hear.message('taken', 1);
    expect(drained).toHaveBeenCalledOnceWith(false);
    expect(pipe.stats.pendingBytes).toBe(0);
  });

  it('ignores packets, but not the end, after the other side has exceeded its allowance', async () => {
    const { pipe, hear, listener } = make();
    pipe.allow(100);
    hear.message('packet', packet('short'));
    expect(listener.excesses).toBe(0);
    pipe.pause();
    hear.message('packet', packet('waits'));
    hear.message('packet', packet('x'.repeat(100)));
    hear.message('packet', packet('later'));
    pipe.resume();
    expect([listener.packets.length, listener.excesses]).toEqual([1, 1]);
    const over = listener.over.wait();
    hear.message('end', undefined);
    await over;
    const other = make();
    other.pipe.pause();
    other.hear.message('end', undefined);
    const ended = other.listener.over.wait();
    other.pipe.deafen();
    await ended;
  });

  it('reports a message that is not a packet, and continues', () => {
    const { hear, listener } = make();
    for (const value of [null, 'a', {}, { type: 5 }, { type: 'x'.repeat(1e6) }])
      hear.message('packet', value);
    hear.message('packet', packet(1));
    const reports = listener.packets.slice(0, -1);
    expect(reports.map(({ error }) => error)).toEqual(Array(5).fill(ipcError('ERR_IPC_DECODE')));
    expect(listener.packets.at(-1)).toEqual(packet(1));
  });

  it('drops the members of a packet that have no meaning in the protocol', () => {
    const { hear, listener } = make();
    for (const value of [null, {}, [], true, Number.NaN, 10n]) {
      hear.message('packet', { type: 'a', data: 1, id: value, re: value, error: value });
    }
    hear.message('packet', { type: 'a', data: 1, re: 'x', error: { message: 'no' } });
    const last = listener.packets.pop();
    expect([last?.re, last?.error]).toEqual(['x', { message: 'no' }] as never);
    for (const { id, re, error } of listener.packets) {
      expect([id, re, error]).toEqual([undefined, undefined, undefined]);
    }
  });

  it('ends the connection of a peer that violates the protocol, and delivers nothing that waited', () => {
    const { pipe, hear, listener } = make();
    const violation = new RangeError('not allowed');
    let delivered = 0;
    spyOn(listener, 'packet').and.callFake(() => {
      delivered++;
      throw violation;
    });
    pipe.pause();
    hear.message('packet', packet(1));
    hear.message('packet', packet(2));
    pipe.resume();
    expect([delivered, pipe.destroyed]).toEqual([1, true]);
    expect(listener.errors).toEqual([ipcError('ERR_IPC_PROTOCOL', 'not allowed')]);
  });

  it('reports a message that the port could not deserialize, and acknowledges it', async () => {
    const { hear, listener, posted } = make();
    hear.message('packet', packet(1));
    hear.misread(new RangeError('too deep'));
    hear.misread({});
    await new Promise(setImmediate);
    expect(posted).toEqual([['taken', 3]]);
    expect(listener.errors).toEqual([
      ipcError('ERR_IPC_DECODE', 'could not deserialize it: too deep; have'),
      ipcError('ERR_IPC_DECODE', 'could not deserialize it; have'),
    ]);
  });

  it('counts the packets that wait as memory', () => {
    const { pipe, hear, listener } = make(false, 1e6);
    const grew = jasmine.createSpy();
    Object.assign(listener, { grew });
    pipe.pause();
    hear.message('packet', packet('x'.repeat(1e6)));
    const size = pipe.measure();
    expect(size).toBeGreaterThan(1e6);
    expect(grew).toHaveBeenCalledOnceWith(size);
    pipe.resume();
    expect(pipe.measure()).toBe(0);
    pipe.pause();
    hear.message('packet', packet('x'.repeat(1e6)));
    pipe.destroy();
    expect(pipe.measure()).toBe(0);
  });

  it('ends when both sides have ended', async () => {
    const { pipe, hear, posted, listener } = make();
    const over = listener.over.wait();
    pipe.send(packet('first'));
    pipe.end();
    expect([pipe.open, pipe.destroyed, pipe.send(packet('late'))]).toEqual([false, false, false]);
    expect(posted.map(([kind]) => kind)).toEqual(['packet', 'end']);
    hear.message('packet', packet('last'));
    hear.message('end', undefined);
    await over;
    expect([listener.packets.length, listener.errors]).toEqual([1, []]);
    expect(pipe.destroyed).toBeTrue();
  });

  it('reports unacknowledged packets when the port is lost, unless this side dropped it', async () => {
    const lost = make();
    lost.pipe.send(packet(1));
    const over = lost.listener.over.wait();
    lost.hear.closed();
    await over;
    expect(lost.listener.errors).toEqual([ipcError('ERR_IPC_UNSENT')]);
    const dropped = make();
    dropped.pipe.send(packet(1));
    const gone = dropped.listener.over.wait();
    dropped.pipe.destroy();
    await gone;
    expect(dropped.listener.errors).toEqual([]);
  });

  it('refuses a packet that alone exceeds maxPendingBytes, and posts one that just fits', () => {
    const { pipe, posted, listener } = make(false, 1000);
    // A packet counts its type, and text with 8 bytes.
    expect(pipe.send(packet('x'.repeat(992)))).toBeFalse();
    expect(listener.errors).toEqual([
      ipcError('ERR_IPC_TOO_LARGE', 'A message of 1001 bytes is longer than'),
    ]);
    expect([posted, pipe.pendingBytes]).toEqual([[], 0]);
    expect(pipe.send(packet('x'.repeat(391)))).toBeTrue();
    expect(pipe.send(packet('x'.repeat(591)))).toBeTrue();
    expect(pipe.send(packet(''))).toBeFalse();
    expect(listener.errors.slice(1)).toEqual([
      ipcError('ERR_IPC_BACKPRESSURE', 'About 1000 bytes wait for the other side to take them, of 1000'),
    ]);
    expect([posted.length, pipe.pendingBytes]).toEqual([2, 1000]);
  });

  it('counts what was sent and received', () => {
    const { pipe, hear } = make();
    expect(pipe.stats).toEqual({
      packetsIn: 0,
      packetsOut: 0,
      bytesIn: 0,
      bytesOut: 0,
      openRequests: 0,
      pendingBytes: 0,
      since: pipe.since,
    });
    pipe.send(packet('abc'));
    pipe.send(packet('abcd'));
    for (const text of ['a', 'b', 'c']) hear.message('packet', packet(text));
    hear.message('taken', 1);
    expect(pipe.stats).toEqual({
      packetsIn: 3,
      packetsOut: 2,
      bytesIn: 30,
      bytesOut: 25,
      openRequests: 0,
      pendingBytes: 13,
      since: pipe.since,
    });
    expect(pipe.pendingBytes).toBe(13);
  });

  it('reports growth of what waits at either end only from 16 KiB on', () => {
    const { pipe, hear, listener } = make(false, 1e6);
    const grew = jasmine.createSpy();
    Object.assign(listener, { grew });
    pipe.send(packet('x'.repeat(16 * 1024 - 9)));
    expect(grew).not.toHaveBeenCalled();
    pipe.send(packet('x'));
    expect(grew).toHaveBeenCalledOnceWith(16 * 1024 + 10);
    expect(pipe.measure()).toBe(16 * 1024 + 10);
    grew.calls.reset();
    pipe.pause();
    hear.message('packet', packet('x'.repeat(8000)));
    hear.message('packet', packet('x'.repeat(8000)));
    expect(grew).not.toHaveBeenCalled();
    hear.message('packet', packet('x'.repeat(1000)));
    expect(grew).toHaveBeenCalledOnceWith(pipe.measure() - (16 * 1024 + 10));
  });

  it('makes a sender wait from 64 KiB that are not acknowledged', () => {
    const { pipe, hear } = make(false, 1e6);
    pipe.send(packet('x'.repeat(64 * 1024 - 10)));
    expect(pipe.congested).toBeFalse();
    pipe.send(packet(''));
    expect(pipe.congested).toBeTrue();
    hear.message('taken', 1);
    expect(pipe.congested).toBeFalse();
  });

  it('is drained at once if nothing was sent', () => {
    const { pipe } = make();
    const drained = jasmine.createSpy();
    pipe.drained(drained);
    expect(drained).toHaveBeenCalledOnceWith(false);
  });

  it('acknowledges nothing, and posts no end, once it is destroyed', async () => {
    const { pipe, hear, posted, listener } = make();
    const over = listener.over.wait();
    hear.message('packet', packet(1));
    pipe.destroy();
    pipe.destroy();
    pipe.abort();
    hear.closed();
    hear.message('end', undefined);
    pipe.end();
    await over;
    await new Promise(setImmediate);
    expect(posted).toEqual([['end', undefined], ['closed']]);
  });

  it('answers the end of the other side with its own, once', async () => {
    const first = make();
    const over = first.listener.over.wait();
    first.hear.message('end', undefined);
    await over;
    expect(first.posted).toEqual([['end', undefined], ['closed']]);
    expect([first.pipe.open, first.pipe.destroyed]).toEqual([false, true]);
    const second = make();
    const gone = second.listener.over.wait();
    second.pipe.end();
    second.pipe.end();
    second.hear.message('end', undefined);
    await gone;
    expect(second.posted).toEqual([['end', undefined], ['closed']]);
  });

  it('closes if the other side does not end in time, and reports what it had not received', async () => {
    const { pipe, posted, listener } = make();
    const over = listener.over.wait();
    for (const n of [1, 2]) pipe.send(packet(n));
    pipe.end(1);
    await over;
    expect(posted.slice(2)).toEqual([['end', undefined], ['closed']]);
    expect(listener.errors).toEqual([ipcError('ERR_IPC_UNSENT', 'had received 2 packets;')]);
  });

  it('ignores messages of unknown kinds', () => {
    const { pipe, hear, listener } = make();
    hear.message('other', packet(1));
    expect([listener.packets, listener.errors, pipe.open]).toEqual([[], [], true]);
  });

  it('switches to another dialect, and says so', () => {
    const { pipe } = make();
    const other = new StructuredDialect('bytes');
    expect(pipe.dialect).not.toBe(other);
    pipe.become(other);
    expect(pipe.dialect).toBe(other);
  });

  it('publishes its connection and its packets on the diagnostics channels', async () => {
    const all = published('omni-ipc:connection');
    const came = published('omni-ipc:packet.in');
    const went = published('omni-ipc:packet.out');
    const { pipe, hear, listener } = make();
    const { socket } = pipe;
    const about = { side: 'server', socket };
    // Pipes of earlier specs may only close now.
    const connections = () => all.filter((message) => message.socket === socket);
    const dialect = pipe.dialect.name;
    pipe.send(packet('abc'));
    hear.message('packet', packet(2));
    expect(went).toEqual([{ ...about, packet: packet('abc'), bytes: 12 }]);
    expect(came).toEqual([{ ...about, packet: packet(2) }]);
    expect(connections()).toEqual([{ ...about, state: 'open', dialect }]);
    const over = listener.over.wait();
    pipe.destroy();
    await over;
    expect(connections().slice(1)).toEqual([{ ...about, state: 'close', dialect }]);
  });
});
