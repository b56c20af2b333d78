import type { Packet } from '../../../entities/packet.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { DatagramPipe } from '../../../lib/pipes/datagram-pipe.js';
import { ipcError } from '../../support/errors.js';
import { Listening } from '../../support/pipes.js';

describe('A datagram pipe', () => {
  function make(maxAnswerRatio?: number) {
    const sent: unknown[] = [];
    const listener = new Listening();
    const endpoint = { address: '127.0.0.1', port: 1 };
    const shared = {
      dialect: new NodeIpcDialect('\f'),
      maxAnswerRatio,
      push: (encoded: unknown, to: unknown) => sent.push([encoded, to]) > 0,
      flush: () => sent.push('flushed'),
      sent: (callback: () => void) => callback(),
    };
    return { pipe: new DatagramPipe(endpoint, shared, listener), sent, listener, endpoint };
  }

  it('sends to its remote over the shared socket', () => {
    const { pipe, sent, endpoint } = make();
    expect(pipe.send({ type: 'a', data: 1 })).toBeTrue();
    expect(sent).toEqual([['{"type":"a","data":1}\f', endpoint]]);
    expect(pipe.open && !pipe.congested).toBeTrue();
  });

  it('counts and delivers what came', () => {
    const { pipe, listener } = make();
    const packet: Packet = { type: 'a', data: 1 };
    pipe.deliver(packet);
    expect(listener.packets).toEqual([packet]);
    expect(pipe.stats.packetsIn).toBe(1);
  });

  it('sends nothing once it is destroyed', () => {
    const { pipe, sent } = make();
    pipe.destroy();
    expect([pipe.open, pipe.send({ type: 'a', data: 1 }), sent.length]).toEqual([false, false, 0]);
  });

  it('reports when everything is sent', () => {
    const { pipe } = make();
    const drained = jasmine.createSpy();
    pipe.drained(drained);
    expect(drained).toHaveBeenCalledOnceWith(false);
  });

  it('flushes the shared socket at its end, and can still send; is closed when it is aborted', () => {
    const { pipe, sent } = make();
    pipe.end();
    expect([sent, pipe.open, pipe.destroyed]).toEqual([['flushed'], true, false]);
    pipe.abort();
    expect([pipe.open, pipe.destroyed, pipe.write('late')]).toEqual([false, true, false]);
    expect(sent).toEqual(['flushed']);
  });

  it('holds nothing itself, as the socket counts for all pipes', () => {
    const { pipe } = make();
    const before = pipe.since;
    pipe.send({ type: 'a', data: 'x'.repeat(100_000) });
    expect([pipe.measure(), pipe.pendingBytes, pipe.congested]).toEqual([0, 0, false]);
    expect(pipe.stats).toEqual({
      packetsIn: 0,
      packetsOut: 0,
      bytesIn: 0,
      bytesOut: 0,
      openRequests: 0,
      pendingBytes: 0,
      since: before,
    });
  });

  it('answers with as many bytes as what came permits, and drops a longer answer with an error', () => {
    const { pipe, sent, listener } = make(1.5);
    const answer = { type: 'a', data: 1, re: 1 };
    const size = '{"type":"a","data":1,"re":1}\f'.length;
    pipe.received(2);
    pipe.received(size - 2);
    expect(pipe.send(answer)).toBeTrue();
    expect(pipe.send(answer)).toBeFalse();
    const left = Math.floor(size * 1.5 - size);
    expect(listener.errors).toEqual([
      ipcError(
        'ERR_IPC_TOO_LARGE',
        `An answer of ${size} bytes to 127.0.0.1:1 was not sent: config.udp.maxAnswerRatio allows ${left} for`,
      ),
    ]);
    // What is not an answer is not limited, and takes nothing of what is permitted.
    expect(pipe.send({ type: 'a', data: 'x'.repeat(1000) })).toBeTrue();
    pipe.received(10);
    expect([pipe.send(answer), sent.length, listener.errors.length]).toEqual([true, 3, 1]);
    expect([pipe.send(answer), sent.length, listener.errors.length]).toEqual([false, 3, 2]);
  });

  it('answers without a limit if there is none', () => {
    const { pipe, sent, listener } = make();
    expect(pipe.send({ type: 'a', data: 'x'.repeat(1000), re: 1 })).toBeTrue();
    expect([sent.length, listener.errors]).toEqual([1, []]);
  });
});
