import type { Server } from '../../../lib/server.js';
import { heldNumbers } from '../../../services/channel/held-numbers.js';
import { Hub } from '../../../services/channel/hub.js';
import type { HubContract } from '../../../services/channel/hub-wire.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { steadyTime } from '../../support/clock.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { once } from '../../support/events.js';
import { until } from '../../support/warnings.js';

/** Without a timeout of its own, so that `heldNumbers` must have one. */
const config = { ...engineConfig(settings({})), requestTimeout: 0 };

describe('heldNumbers', () => {
  let rendezvous: Rendezvous;

  beforeEach(() => {
    steadyTime();
    rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
  });

  async function listen(): Promise<Server<HubContract>> {
    const server = serverAt<HubContract>(config, rendezvous.hub);
    afterwards(() => server.stop());
    return server.start();
  }

  const ask = () => heldNumbers(rendezvous, config, () => {});

  it('returns the numbers of the connected members of the hub, and disconnects', async () => {
    const server = await listen();
    new Hub(server, rendezvous, 1, []);
    const client = clientAt<HubContract>(config, rendezvous.hub);
    afterwards(() => client.destroy());
    const welcome = once(client as never, 'welcome');
    client.connect().emit('enter', { member: { id: 'a', number: 5, topics: [], version: 0 }, known: [] });
    await welcome;
    expect(await ask()).toEqual(new Set([5]));
    await until(() => server.sockets.length === 1);
  });

  it('returns no numbers if there is no hub', async () => {
    expect(await ask()).toEqual(new Set());
  });

  it('returns no numbers if the hub refuses the request, answers with invalid data, or not in time', async () => {
    const server = await listen();
    expect(await ask()).toEqual(new Set());
    const lists = [
      7,
      null,
      'abc',
      [1, '2'],
      [0],
      [-1],
      [1.5],
      [[1]],
      Array.from({ length: 10_001 }, (_, i) => i + 1),
    ];
    const answers = lists.map((list) => () => list as never);
    for (const answer of [...answers, () => new Promise<never>(() => {})]) {
      server.handle('numbers', answer);
      expect(await ask()).toEqual(new Set());
    }
  });
});
