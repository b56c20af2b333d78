import { Registry } from '../../../services/inspect/registry.js';
import { afterwards } from '../../support/afterwards.js';
import { channelAt, freshRendezvous } from '../../support/channels.js';
import { freshIPC, pair } from '../../support/instances.js';

describe('The registry of inspected objects', () => {
  function freshRegistry(): { registry: Registry; opened: () => number } {
    let opened = 0;
    const registry = new Registry(() => opened++);
    afterwards(() => registry.end());
    return { registry, opened: () => opened };
  }

  it('has the clients, servers and channels in use, each with a number of its own', async () => {
    const { registry, opened } = freshRegistry();
    expect(opened()).toBe(0);
    const { server, client } = await pair();
    const channel = await channelAt(freshRendezvous()).ready();
    const kinds = () => registry.reports({}).items.map(({ kind, ref }) => [kind, ref]);
    expect(kinds().slice(0, 3)).toEqual([
      ['server', 1],
      ['client', 2],
      ['channel', 3],
    ]);
    expect(registry.reports({}).items[2]).toEqual(jasmine.objectContaining({ number: channel.pid }));
    await client.close();
    expect(kinds().slice(0, 2)).toEqual([
      ['server', 1],
      ['channel', 3],
    ]);
    await server.stop();
    expect(kinds()[0]).toEqual(['channel', 3]);
    expect([opened(), registry.reports({ limit: 1 }).items.length]).toEqual([1, 1]);
  });

  it('knows the owner of a connection', async () => {
    const { registry } = freshRegistry();
    const { server, client } = await pair();
    expect(registry.ownerOf(client.socket)).toBe(2);
    expect(registry.ownerOf(server.sockets[0])).toBe(1);
    expect([registry.ownerOf({}), registry.ownerOf(undefined)]).toEqual([undefined, undefined]);
  });

  it('does not have internal clients and servers', async () => {
    const { registry } = freshRegistry();
    registry.unseen(() => freshIPC().serve('/nowhere'));
    expect(registry.reports({}).total).toBe(0);
  });

  it('keeps no object alive, and removes those that are gone', async () => {
    const { registry } = freshRegistry();
    for (let count = 0; count < 600; count++) freshIPC().serve('/nowhere');
    expect(registry.reports({}).total).toBe(0);
    const { server } = await pair();
    expect(registry.reports({}).items[0]).toEqual(
      jasmine.objectContaining({ ref: 601, address: `unix:${server.path}` }),
    );
  });
});
