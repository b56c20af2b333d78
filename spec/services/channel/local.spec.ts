import { Deadline } from '../../../lib/deadline.js';
import type { CarrierEvents } from '../../../services/channel/carrier.js';
import { Handles } from '../../../services/channel/handles.js';
import { joinLocally } from '../../../services/channel/local.js';
import type { MembershipEvents } from '../../../services/channel/membership.js';
import { settings } from '../../../services/channel/options.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';

describe('A local channel', () => {
  it('acquires its number before it enters, and releases it', async () => {
    const directory = freshRendezvous();
    const join = async () => {
      const events = {} as MembershipEvents & CarrierEvents;
      const { membership, carrier } = await joinLocally(
        settings({ name: 'shop', directory }),
        events,
        events,
        events as never,
        'run',
        new Handles(),
      );
      afterwards(() => membership.release(new Deadline(1000)));
      return { membership, carrier };
    };
    const [first, second] = [await join(), await join()];
    expect([first.membership.number, second.membership.number]).toEqual([1, 2]);
    await first.carrier.close(new Deadline(1000));
    await first.membership.leave(new Deadline(1000));
    await first.membership.release(new Deadline(1000));
    expect((await join()).membership.number).toBe(1);
  });
});
