import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import type { PeerSocket, Server } from '../../../lib/server.js';
import { evict, identify } from '../../../lib/transports/socket-file.js';
import { Hub, type Wire } from '../../../services/channel/hub.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Peer } from '../../../services/channel/peer.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import type { Member } from '../../../services/channel/roster.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

const config = engineConfig(settings({}));

describe('Peer', () => {
  let directory: string;
  let rendezvous: Rendezvous;

  beforeEach(() => {
    directory = freshRendezvous();
    rendezvous = new Rendezvous('shop', directory);
  });

  /** A peer, and what happens to it as events. */
  function make(): { peer: Peer; events: EventEmitter } {
    const events = new EventEmitter();
    const peer = new Peer(settings({ name: 'shop', directory, heartbeat: 50 }), {
      opened: () => events.emit('opened'),
      hub: (number) => events.emit('hub', number),
      joined: (member) => events.emit('joined', member),
      left: (member) => events.emit('left', member),
      packet: (packet) => events.emit('packet', packet),
      handed: (request) => events.emit('handed', request),
      undelivered: (parcel) => events.emit('undelivered', parcel),
      failed: (error) => events.emit('failed', error),
    });
    afterwards(() => peer.close(0, Promise.resolve()));
    return { peer, events };
  }

  it('takes another number where the socket that stands for its own was removed from under a living peer', async () => {
    const first = make();
    await first.peer.ready();
    rmSync(rendezvous.number(1));
    const second = make();
    await second.peer.ready();
    expect([first.peer.number, second.peer.number]).toEqual([1, 2]);
  });

  it('says so, and comes back when it can, where its number has become the one of another', async () => {
    const { peer, events } = make();
    await peer.ready();
    // Another hub takes over, to which a stranger with the same number comes first.
    await evict(rendezvous.hub, identify(rendezvous.hub)?.life as string);
    const server = serverAt<Wire>(config, rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    const stranger = clientAt<Wire>(config, rendezvous.hub);
    stranger.connect();
    afterwards(() => stranger.destroy());
    const member = { id: 'stranger', number: 1, topics: [], version: 0 };
    stranger.emit('enter', { member, known: [] });
    expect(await once(events, 'failed')).toEqual([ipcError('ERR_IPC_IN_USE', 'The number 1')]);
    stranger.emit('leave', { id: 'stranger', receipts: [] });
    expect(await once(events, 'hub')).toEqual([7]);
    expect(peer.number).toBe(1);
  });

  it('reports a message that is none, and goes on', async () => {
    const { peer, events } = make();
    await peer.ready();
    const stranger = clientAt<Wire>(config, rendezvous.hub);
    stranger.connect();
    afterwards(() => stranger.destroy());
    const letter = { to: peer.id, from: 'stranger', number: 2, epoch: 1 };
    const deep = `{"type":"deep","data":${'['.repeat(500)}${']'.repeat(500)}}`;
    for (const [i, body] of ['{', 'null', '7', deep].entries()) {
      const failed = once(events, 'failed');
      stranger.emit('letter', { ...letter, seq: i + 1, body });
      expect(await failed).toEqual([ipcError('ERR_IPC_DECODE', body.slice(0, 80))]);
    }
    const packet = once(events, 'packet');
    stranger.emit('letter', { ...letter, seq: 5, body: '{"type":"hello","data":[]}' });
    expect(await packet).toEqual([{ type: 'hello', data: [] }]);
  });

  describe('at a hub of ours', () => {
    /** A hub that does nothing but `act` when somebody enters. */
    async function hub(
      act: (server: Server<Wire>, socket: PeerSocket, member: Member) => void,
    ): Promise<void> {
      rendezvous.secure();
      const server = serverAt<Wire>(config, rendezvous.hub);
      server.on('enter', ({ member }, socket) => act(server, socket, member));
      await server.start();
      afterwards(() => server.stop({ timeout: 0 }));
    }

    it('hears the first message when those who awaited its opening have run', async () => {
      await hub((server, socket, member) => {
        server.emit(socket, 'welcome', { hub: 7, members: [{ ...member, here: true }], gone: [] });
        const body = '{"type":"hello","data":[]}';
        server.emit(socket, 'letter', { to: member.id, from: 'a', number: 7, epoch: 1, seq: 1, body });
      });
      const { peer, events } = make();
      await peer.ready();
      await undefined;
      expect(await once(events, 'packet')).toEqual([{ type: 'hello', data: [] }]);
    });

    it('tells it what it subscribed to since it entered', async () => {
      const { peer } = make();
      const told = new Promise((resolve) => {
        void hub((server, socket, member) => {
          server.on('listens', resolve);
          void peer.listen(['news']);
          server.emit(socket, 'welcome', { hub: 7, members: [{ ...member, here: true }], gone: [] });
        }).then(() => peer.open());
      });
      expect(await told).toEqual({ id: peer.id, topics: ['news'], version: 1 });
    });
  });

  it('resolves listen when the hub knows', async () => {
    const { peer } = make();
    const told = peer.listen(['news']);
    const toldAgain = peer.listen(['news', 'weather']);
    await Promise.all([told, toldAgain]);
    expect(peer.roster.listeners('weather').map(({ id }) => id)).toEqual([peer.id]);
  });
});
