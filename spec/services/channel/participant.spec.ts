import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import type { PeerSocket } from '../../../entities/sockets.js';
import type { Deadline } from '../../../lib/deadline.js';
import type { Server } from '../../../lib/server.js';
import { Hub } from '../../../services/channel/hub.js';
import type { Wire } from '../../../services/channel/hub-wire.js';
import type { Halves } from '../../../services/channel/join.js';
import { joinLocally } from '../../../services/channel/local.js';
import type { Member } from '../../../services/channel/members.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Participant } from '../../../services/channel/participant.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { stopTime } from '../../support/clock.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

const config = engineConfig(settings({}));

describe('Participant', () => {
  let directory: string;
  let rendezvous: Rendezvous;

  beforeEach(() => {
    directory = freshRendezvous();
    rendezvous = new Rendezvous('shop', directory);
  });

  /** A peer, and what happens to it as events. */
  function make(join = joinLocally): { peer: Participant; events: EventEmitter } {
    const events = new EventEmitter();
    const peer = new Participant(settings({ name: 'shop', directory, heartbeat: 50 }), join, {
      opened: () => events.emit('opened'),
      hub: (number) => events.emit('hub', number),
      joined: (member) => events.emit('joined', member),
      left: (member) => events.emit('left', member),
      packet: (packet) => events.emit('packet', packet),
      handed: (request) => events.emit('handed', request),
      undelivered: (message) => events.emit('undelivered', message),
      published: fail,
      failed: (error) => events.emit('failed', error),
    });
    afterwards(() => peer.close(0, Promise.resolve()));
    return { peer, events };
  }

  it('acquires another number if the socket of its own number was removed while the peer runs', async () => {
    if (process.platform === 'win32') return pending('A Windows pipe cannot be removed');
    const first = make();
    await first.peer.ready();
    rmSync(rendezvous.number(1));
    const second = make();
    await second.peer.ready();
    expect([first.peer.number, second.peer.number]).toEqual([1, 2]);
  });

  it('reports that its number belongs to another member, and returns when it can', async () => {
    const { peer, events } = make();
    await peer.ready();
    // Another hub takes over, to which a stranger with the same number comes first.
    await rendezvous.evictHub(rendezvous.hubLife as string);
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
    stranger.emit('leave', 'stranger');
    expect(await once(events, 'hub')).toEqual([7]);
    expect(peer.number).toBe(1);
  });

  /** Somebody who speaks to a member as another does, and what it says. */
  function stranger(peer: Participant, id = 'stranger', number = 9): (...lines: string[]) => void {
    const client = clientAt({ ...config, rawBuffer: true }, rendezvous.number(1));
    client.connect();
    afterwards(() => client.destroy());
    const from = { id, number, topics: [], version: 0 };
    client.emit(`${JSON.stringify({ to: peer.id, from, epoch: 1, first: 1 })}\n` as never);
    return (...lines) => client.emit(`${lines.join('\n')}\n` as never);
  }

  it('waits for joining and for its caller within one timeout, and then a second at most to leave', async () => {
    let joined: () => void = () => {};
    const halves = new Promise<void>((resolve) => {
      joined = resolve;
    });
    const given: number[] = [];
    const never = (limit: Deadline) => {
      given.push(limit.left);
      return limit.settled(new Promise(() => {}));
    };
    const membership = { number: 1, certain: true, enter() {}, leave: never, release: never };
    const carrier = { close: never };
    const { peer } = make(() => halves.then(() => ({ membership, carrier }) as unknown as Halves));
    peer.open();
    const pass = stopTime();
    const closed = peer.close(1000, new Promise(() => {}));
    pass(900);
    joined();
    await new Promise(setImmediate);
    pass(100);
    while (given.length === 0) await new Promise(setImmediate);
    pass(1000);
    while (given.length < 3) {
      await new Promise(setImmediate);
      pass(0);
    }
    pass(0);
    await closed;
    expect(given).toEqual([1000, 0, 0]);
  });

  it('reports an invalid message, escaped and truncated, and continues', async () => {
    const { peer, events } = make();
    await peer.ready();
    const say = stranger(peer);
    const deep = `{"type":"deep","data":${'['.repeat(500)}${']'.repeat(500)}}`;
    for (const body of ['{\u001b[31m', '{"type":7}', deep]) {
      const failed = once<[Error]>(events, 'failed');
      say(body);
      const [error] = await failed;
      expect(error).toEqual(ipcError('ERR_IPC_DECODE', `of ${body.length} characters`));
      expect(error.message.length).toBeLessThan(200);
      expect(error.message).not.toContain('\u001b');
    }
    const packet = once(events, 'packet');
    say('{"type":"hello","data":[]}');
    expect(await packet).toEqual([{ type: 'hello', data: [] }]);
  });

  it('accepts messages of a member that the hub has not reported yet', async () => {
    const { peer, events } = make();
    await peer.ready();
    const order: string[] = [];
    events.on('joined', ({ id }) => order.push(`joined ${id}`)).on('packet', ({ type }) => order.push(type));
    const packet = once(events, 'packet');
    stranger(peer)('{"type":"hello","data":[]}');
    await packet;
    expect(order).toEqual(['joined stranger', 'hello']);
    expect(peer.members.find(9)?.id).toBe('stranger');
  });

  describe('with a hub of the spec', () => {
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

    it('delivers the first message after code that awaits ready() has run', async () => {
      const { peer, events } = make();
      await hub((server, socket, member) => {
        stranger(peer)('{"type":"hello","data":[]}');
        setTimeout(() => server.emit(socket, 'welcome', { hub: 7, members: [member] }), 30);
      });
      await peer.ready();
      await undefined;
      expect(await once(events, 'packet')).toEqual([{ type: 'hello', data: [] }]);
    });

    it('removes members that the next hub does not know', async () => {
      const { peer, events } = make();
      const ghost = { id: 'ghost', number: 5, topics: ['news'], version: 0 };
      let welcomes = 0;
      await hub((server, socket, member) => {
        welcomes++;
        const members = welcomes === 1 ? [member, ghost] : [member];
        server.emit(socket, 'welcome', { hub: 7, members });
        // A member that writes to a destroyed connection may drop a welcome that it has not read.
        if (welcomes === 1) events.once('opened', () => socket.destroy());
      });
      const left = once<[Member]>(events, 'left');
      await peer.ready();
      expect((await left)[0].id).toBe('ghost');
      expect([peer.members.all.map(({ id }) => id), peer.members.subscribers('news')]).toEqual([
        [peer.id],
        [],
      ]);
    });

    it('sends the hub its subscriptions since it entered', async () => {
      const { peer } = make();
      const told = new Promise((resolve) => {
        void hub((server, socket, member) => {
          server.on('subscribed', resolve);
          void peer.subscribe(['news']);
          server.emit(socket, 'welcome', { hub: 7, members: [member] });
        }).then(() => peer.open());
      });
      expect(await told).toEqual({ id: peer.id, topics: ['news'], version: 1 });
    });
  });

  it('resolves subscribe when the hub knows', async () => {
    const { peer } = make();
    const told = peer.subscribe(['news']);
    const toldAgain = peer.subscribe(['news', 'weather']);
    await Promise.all([told, toldAgain]);
    expect(peer.members.subscribers('weather').map(({ id }) => id)).toEqual([peer.id]);
  });
});
