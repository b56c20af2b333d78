import { defaults } from '../../entities/config.js';
import type { Hello, Packet } from '../../entities/packet.js';
import { Responder } from '../../lib/conversations/responder.js';
import { principalOf } from '../../lib/conversations/session-key.js';
import { prepareCodecs } from '../../lib/dialects/negotiation.js';
import { Peer } from '../../lib/peer.js';
import { type ClientNaming, ServerHandshake } from '../../lib/server-handshake.js';
import { bytePipe } from '../support/pipes.js';
import { socketPair } from '../support/sockets.js';

describe('A server’s handshake', () => {
  async function make(settings = {}, naming: ClientNaming = {}) {
    const config = { ...defaults(), ...settings };
    prepareCodecs(config);
    const { socket, peer: client } = await socketPair();
    const owner = {
      side: 'server',
      config,
      receive: fail,
      failed: () => {},
      broke: () => {},
      closed: () => {},
    } as const;
    const peer = new Peer(owner, (listener) => bytePipe(socket, {}, listener));
    return { handshake: new ServerHandshake(config, new Responder('server'), naming), peer, client };
  }

  const dataOf = (packets: unknown[]) => (packets as Packet[]).map(({ data }) => data);

  it('welcomes a client by its earlier session, in the codec that both have', async () => {
    const { handshake, peer, client } = await make();
    handshake.greet({ session: 'a', codecs: ['msgpack'], compress: true }, peer);
    expect(await client.receive(1)).toEqual([
      { type: 'ipc:welcome', data: { id: 'a', codec: 'msgpack', compress: true } },
    ]);
    expect(peer.dialect.name).toBe('msgpack, compressed');
  });

  it('names a client that has no session, unless its API does', async () => {
    const plain = await make();
    plain.handshake.greet({} as Hello, plain.peer);
    expect(dataOf(await plain.client.receive(1))).toEqual([
      { id: jasmine.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    const named = await make({}, { nameOf: () => 'named' });
    named.handshake.greet({ session: 'a' }, named.peer);
    expect(dataOf(await named.client.receive(1))).toEqual([{ id: 'named' }]);
  });

  it('welcomes once, and takes a session from a later hello', async () => {
    const { handshake, peer, client } = await make();
    handshake.greet({ session: 'a' }, peer);
    handshake.greet({ session: 'a', secret: 's', retries: true }, peer);
    expect(peer.session).toBeDefined();
    peer.send({ type: 'last', data: 1 });
    expect(dataOf(await client.receive(2))).toEqual([{ id: 'a' }, 1]);
  });

  it('takes no session from a hello without retries, or with any other value than true', async () => {
    const { handshake, peer } = await make();
    for (const retries of [undefined, false, 1, 'true'])
      handshake.greet({ session: 'a', secret: 's', retries } as unknown as Hello, peer);
    expect(peer.session).toBeUndefined();
    handshake.greet({ session: 'a', secret: 's', retries: true }, peer);
    expect(peer.session).toBeDefined();
  });

  it('considers the credentials of the first hello, and no later ones', async () => {
    const { handshake, peer } = await make({ authorize: () => true });
    handshake.greet({ session: 'a', credentials: 'x' }, peer);
    handshake.greet({ session: 'a', credentials: 'y' }, peer);
    expect(peer.principal).toBe(principalOf('x'));
  });

  it('considers credentials only if authorize verifies them', async () => {
    const hello = { session: 'a', credentials: 'x' };
    const open = await make();
    open.handshake.greet(hello, open.peer);
    const guarded = await make({ authorize: () => true });
    guarded.handshake.greet(hello, guarded.peer);
    expect([open.peer.principal, guarded.peer.principal]).toEqual(['', principalOf('x')]);
  });
});
