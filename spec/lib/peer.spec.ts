import { defaults } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { Peer, type PeerOwner } from '../../lib/peer.js';
import { Waiters } from '../../lib/promises.js';
import { bytePipe } from '../support/pipes.js';
import { socketPair } from '../support/sockets.js';

describe('A peer', () => {
  async function make() {
    const { socket, peer: remote } = await socketPair();
    const received: Packet[] = [];
    const arrived = new Waiters<void>();
    const errors: unknown[] = [];
    const owner: PeerOwner = {
      side: 'server',
      config: defaults(),
      receive: (packet) => {
        received.push(packet);
        arrived.resolve();
      },
      failed: (error) => errors.push(error),
      broke: (cause) => errors.push(cause),
      closed: () => {},
    };
    const peer = new Peer(owner, (listener) => bytePipe(socket, {}, listener));
    peer.admitted = true;
    return { peer, remote, received, errors, arrived };
  }

  it('answers pings itself and hands everything else on', async () => {
    const { remote, received } = await make();
    remote.write('{"type":"ipc:ping","id":1}\f{"type":"a","data":1}\f{"type":"b","data":2,"id":3}\f');
    expect(await remote.receive(1)).toEqual([{ type: 'ipc:ping', data: {}, re: 1 }]);
    expect(received).toEqual([
      { type: 'a', data: 1 },
      { type: 'b', data: 2, id: 3 },
    ]);
  });

  it('refuses a control request whose data nest too deep, and hands other requests on with the error', async () => {
    const { remote, received, errors } = await make();
    const deep = `${'['.repeat(600)}${']'.repeat(600)}`;
    remote.write(
      `{"type":"ipc:ping","data":${deep},"id":1}\f{"type":"a","data":${deep},"id":2}\f{"type":"b","data":${deep}}\f`,
    );
    remote.write('{"type":"ipc:ping","data":1,"id":3}\f');
    const tooDeep = jasmine.objectContaining({ code: 'ERR_IPC_TOO_DEEP' });
    const packets = await remote.receive(2);
    expect(packets.map(({ type, re, error }) => [type, re, error])).toEqual([
      ['ipc:ping', 1, tooDeep],
      ['ipc:ping', 3, undefined],
    ]);
    expect(received.map(({ type, id, error }) => [type, id, error])).toEqual([['a', 2, tooDeep]]);
    expect(errors).toEqual([tooDeep, tooDeep, tooDeep]);
  });

  it('settles the requests that it was asked', async () => {
    const { peer, remote } = await make();
    const asked = peer.ask('q', 1, {});
    expect(await remote.receive(1)).toEqual([{ type: 'q', data: 1, id: 1 }]);
    remote.write('{"type":"q","data":"answer","re":1}\f');
    expect(await asked).toBe('answer');
  });

  it('answers with the reason if an answer cannot be encoded', async () => {
    const { peer, remote } = await make();
    peer.answer('q', 1, 1n);
    const [{ re, error } = {} as never] = (await remote.receive(1)) as { re: number; error: IPCError }[];
    expect([re, error.code]).toEqual([1, 'ERR_IPC_ENCODE']);
  });

  it('waits for open requests before it closes, and sends the first reason that was given', async () => {
    const { peer, remote } = await make();
    peer.begin();
    peer.close({ reason: 'first', reconnect: false });
    peer.close({ reason: 'second', reconnect: true });
    expect([peer.leaving, peer.open]).toEqual([true, true]);
    peer.done();
    await remote.ended();
    expect(remote.packets).toEqual([{ type: 'ipc:bye', data: { reason: 'first', reconnect: false } }]);
  });

  it('keeps the reason that the other side gave at its close', async () => {
    const { peer, remote, arrived } = await make();
    remote.write('{"type":"ipc:bye","data":{"reason":"done"}}\f');
    await arrived.wait();
    expect(peer.closeInfo).toEqual({ reason: 'done', reconnect: true });
  });
});
