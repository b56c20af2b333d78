import { listeningNumbers } from '../../../services/channel/listening-numbers.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { clientAt, serverAt } from '../../support/engines.js';

const config = engineConfig(settings({}));

describe('The numbers that the system lists', () => {
  beforeEach(() => {
    if (process.platform !== 'linux') pending('Only Linux lists the sockets on which processes listen');
  });

  it('are those on whose sockets a process listens', async () => {
    const rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
    expect(listeningNumbers(rendezvous)).toEqual(new Set());
    const servers = [
      rendezvous.number(1),
      rendezvous.number(12),
      rendezvous.name('billing'),
      rendezvous.hub,
    ].map((path) => serverAt(config, path));
    for (const server of servers) {
      afterwards(() => server.stop());
      await server.start();
    }
    // The socket of a connection has the same path as the one that accepted it.
    const client = clientAt(config, rendezvous.number(12));
    afterwards(() => client.destroy());
    await client.connect().ready();
    expect(listeningNumbers(rendezvous)).toEqual(new Set([1, 12]));
    await servers[0]?.stop();
    expect(listeningNumbers(rendezvous)).toEqual(new Set([12]));
  });
});
