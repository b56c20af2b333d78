import type { Acceptor } from '../../lib/acceptor.js';
import type { Backplane, BackplaneEvents, LocalServer } from '../../lib/backplane.js';
import { BackplaneMembership } from '../../lib/backplane-membership.js';

describe('The membership of a backplane', () => {
  const UUID = '11111111-2222-3333-4444-555555555555';
  const events: BackplaneEvents = { joined: fail, left: fail, failed: fail };

  function make() {
    const peers = [{ admitted: true, open: true, socket: { id: 'label' } }];
    const membership = new BackplaneMembership({ peers } as unknown as Acceptor);
    const calls: unknown[][] = [];
    let local: LocalServer | undefined;
    const backplane = {
      server: UUID,
      ref: () => calls.push(['ref']),
      unref: () => calls.push(['unref']),
      leave: async (timeout?: number) => {
        calls.push(['leave', timeout]);
      },
    } as unknown as Backplane;
    const sender = {
      broadcast: (...args: unknown[]) => calls.push(['broadcast', ...args]),
      publishHere: (...args: unknown[]) => calls.push(['publish', ...args]),
    };
    const join = () =>
      membership.join(
        async (given) => {
          local = given;
          return backplane;
        },
        sender,
        events,
      );
    return { membership, backplane, join, calls, peers, local: () => local as LocalServer };
  }

  it('gives the server an id of its own, and the one of the backplane while it has joined', async () => {
    const { membership, backplane, join, calls } = make();
    const alone = membership.clients.server;
    expect(membership.clients.server).toBe(alone);
    await join();
    expect([membership.backplane, membership.clients.server]).toEqual([backplane, UUID]);
    await membership.leave(10);
    expect(membership.backplane).toBeUndefined();
    expect([alone, UUID]).not.toContain(membership.clients.server);
    expect(calls).toEqual([['leave', 10]]);
  });

  it('lets the other servers send to the clients of this one', async () => {
    const { membership, join, calls, peers, local } = make();
    await join();
    const packet = { type: 'a', data: 1 };
    local().broadcast(packet, []);
    local().broadcast(packet, ['label']);
    local().publish('topic', 2, undefined);
    expect(calls).toEqual([
      ['broadcast', packet, peers],
      ['broadcast', packet, []],
      ['publish', 'topic', 2, undefined],
    ]);
    expect(local().clients()).toBe(membership.clients);
  });

  it('has a backplane that is joined later keep the process running or not, as the server was told', async () => {
    const { membership, join, calls } = make();
    membership.unref();
    await join();
    membership.ref();
    membership.unref();
    expect(calls).toEqual([['unref'], ['ref'], ['unref']]);
  });
});
