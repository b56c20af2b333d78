import { clientsAt, errorOf, packetOf, relayed } from '../../../services/backplane/relayed.js';
import { ipcError } from '../../support/errors.js';

const SERVER = '01234567-89ab-cdef-0123-456789abcdef';

describe('A packet between servers', () => {
  it('arrives as it was sent: an event, bytes or text', () => {
    for (const [data, raw] of [
      [{ a: 1 }, false],
      [Buffer.from([0, 255]), true],
      ['text', true],
    ] as const) {
      const packet = { type: raw ? 'data' : 'news', data };
      expect(packetOf(JSON.parse(JSON.stringify(relayed(packet, raw))), raw)).toEqual(packet);
    }
  });

  it('is refused if it is invalid, or for a server of another kind', () => {
    for (const [value, raw] of [
      [null, false],
      [{ type: 1 }, false],
      [{ type: 'news' }, true],
      [{ bytes: '' }, false],
    ] as const) {
      expect(() => packetOf(value, raw)).toThrow(ipcError('ERR_IPC_PROTOCOL'));
    }
    expect(() => packetOf({ type: 'ipc:bye' }, false)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
  });

  it('names only clients of the server that it came from', () => {
    expect(clientsAt(SERVER, [{ id: `${SERVER}.1` }, { id: 'other.1' }, 5]).map(({ id }) => id)).toEqual([
      `${SERVER}.1`,
    ]);
    expect(clientsAt(SERVER, {})).toEqual([]);
  });

  it('contains only errors with our codes and truncated messages', () => {
    const error = errorOf({ code: '\u001b', message: 'x'.repeat(5000) });
    expect([error.code, error.message.length]).toEqual(['ERR_IPC_REMOTE', 2000]);
  });
});
