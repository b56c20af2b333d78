import type { Packet } from '../../../entities/packet.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { DatagramPipe } from '../../../lib/pipes/datagram-pipe.js';
import { Listening } from '../../support/pipes.js';

describe('A datagram pipe', () => {
  function make() {
    const sent: unknown[] = [];
    const listener = new Listening();
    const endpoint = { address: '127.0.0.1', port: 1 };
    const shared = {
      dialect: new NodeIpcDialect('\f'),
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
});
