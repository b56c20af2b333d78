import type { Packet } from '../../../entities/packet.js';
import { StructuredDialect } from '../../../lib/dialects/structured.js';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';
import { ipcError } from '../../support/errors.js';

describe('The structured dialect', () => {
  const dialect = new StructuredDialect();

  it('restores packets that had to wait', () => {
    const packets: Packet[] = [];
    const packet = { type: 'a', data: { map: new Map([[1, new Date(0)]]), big: 1n } };
    const unread = new ByteQueue();
    unread.append(dialect.encode(packet));
    dialect.decoder().read(unread, (one) => packets.push(one) > 0);
    expect(packets).toEqual([packet]);
  });

  it('discards what is unread when the connection ends', () => {
    const unread = new ByteQueue();
    unread.append(dialect.encode({ type: 'a', data: 1 }));
    expect(dialect.decoder().end(unread)).toBeUndefined();
    expect(unread.length).toBe(0);
  });

  it('reports values that it cannot copy', () => {
    expect(() => dialect.encode({ type: 'a', data: () => {} })).toThrow(ipcError('ERR_IPC_ENCODE'));
  });

  it('does not change by negotiation', () => {
    expect(dialect.negotiated()).toBe(dialect);
  });
});
