import type { Packet } from '../../../entities/packet.js';
import { ITEM } from '../../../entities/stream.js';
import { itemOf, type StreamConnection, sendItem } from '../../../lib/conversations/stream-connection.js';
import { ipcError } from '../../support/errors.js';

function line(settings: Partial<StreamConnection>): StreamConnection & { readonly sent: Packet[] } {
  const sent: Packet[] = [];
  return {
    sent,
    open: true,
    binary: false,
    congested: false,
    send: (packet) => sent.push(packet) > 0,
    answer() {},
    drained() {},
    ...settings,
  };
}

describe('An item in transit', () => {
  it('is base64 if it is bytes and the codec cannot carry bytes, otherwise unchanged', () => {
    const plain = line({});
    const binary = line({ binary: true });
    for (const to of [plain, binary]) {
      for (const item of [
        Buffer.from('hi'),
        new Uint8Array([104, 105]),
        new Uint8Array([104, 105]).buffer,
        'hi',
      ]) {
        sendItem(to, { re: 1 }, 1, item, false);
      }
      sendItem(to, { id: 2 }, 5, { a: Buffer.from('x') }, true);
    }
    const base64 = { type: ITEM, data: { re: 1, seq: 1, base64: 'aGk=' } };
    expect(plain.sent.slice(0, 3)).toEqual([base64, base64, base64] as never);
    expect(plain.sent[3]?.data).toEqual({ re: 1, seq: 1, item: 'hi' });
    expect(binary.sent[0]?.data).toEqual({ re: 1, seq: 1, item: Buffer.from('hi') });
    expect(plain.sent[4]?.data).toEqual({ id: 2, seq: 5, item: { a: Buffer.from('x') }, full: true });
  });

  it('comes back as a Buffer', () => {
    expect(itemOf({ seq: 1, base64: 'aGk=' })).toEqual(Buffer.from('hi'));
    expect(itemOf({ seq: 1, item: 'aGk=' })).toBe('aGk=');
    expect(itemOf({ seq: 1 })).toBeUndefined();
  });

  it('is reported if it is not accepted', () => {
    const full = line({ send: () => false });
    expect(() => sendItem(full, { re: 1 }, 1, 1, false)).toThrow(ipcError('ERR_IPC_BACKPRESSURE'));
    const closed = line({ send: () => false, open: false });
    expect(() => sendItem(closed, { re: 1 }, 1, 1, false)).not.toThrow();
  });
});
