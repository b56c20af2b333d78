import type { Untyped } from '../../../entities/events.js';
import { Channel } from '../../../services/channel/index.js';
import { channelAt, freshRendezvous } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';

describe('The inspection of a channel', () => {
  it('describes its members with their groups and topics, its queue and its hub, as plain data', async () => {
    const directory = freshRendezvous();
    const one = await channelAt(directory, { peer: 'billing', group: 'work' }).ready();
    const other = await channelAt<Untyped>(directory).ready();
    await other.subscribe('orders.>', () => {});
    other.to('nobody').emit('later');
    const seen = JSON.parse(JSON.stringify(other.inspect()));
    expect(seen).toEqual({
      kind: 'channel',
      name: 'peers',
      carrier: 'local',
      directory,
      number: other.pid,
      connected: true,
      hub: one.pid,
      members: {
        total: 2,
        items: [
          {
            number: one.pid,
            name: 'billing',
            group: 'work',
            subscriptions: { total: 0, items: [] },
            pending: 0,
          },
          { number: other.pid, subscriptions: { total: 1, items: ['orders.>'] }, pending: 0 },
        ],
      },
      subscriptions: { total: 1, items: ['orders.>'] },
      requests: { total: 0, items: [] },
      queue: { packets: 1, bytes: jasmine.any(Number) },
    });
    expect(one.inspect()).toEqual(jasmine.objectContaining({ peer: 'billing', group: 'work' }));
  });

  it('does not open a channel', () => {
    const channel = new Channel({ name: 'closed', directory: freshRendezvous() });
    expect(channel.inspect()).toEqual(
      jasmine.objectContaining({ connected: false, members: { total: 0, items: [] } }),
    );
    expect(channel.connected).toBeFalse();
  });

  it('takes a limit from 0, and refuses every other value', () => {
    const channel = new Channel({ name: 'closed', directory: freshRendezvous() });
    expect(channel.inspect({ limit: 0 }).members.total).toBe(0);
    expect(() => channel.inspect({ limit: 'x' as never })).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'channel.inspect(...) takes the maximum number of entries of each list'),
    );
  });
});
