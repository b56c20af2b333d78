import { defaults } from '../../entities/config.js';
import type { Packet } from '../../entities/packet.js';
import type { ClientHooks } from '../../lib/client-hooks.js';
import { ClientIdentity } from '../../lib/client-identity.js';
import { NodeIpcDialect } from '../../lib/dialects/node-ipc.js';
import type { Peer } from '../../lib/peer.js';

describe('A client’s identity', () => {
  function make(settings = {}, hooks: Partial<ClientHooks> = {}) {
    const config = { ...defaults(), ...settings };
    return new ClientIdentity(config, new NodeIpcDialect('\f'), hooks as ClientHooks);
  }

  function serverPeer(admitted = true) {
    const sent: Packet[] = [];
    return { peer: { admitted, send: (packet: Packet) => sent.push(packet) > 0 } as unknown as Peer, sent };
  }

  it('has no hello, and waits for no welcome, as long as there is nothing to tell', () => {
    const identity = make();
    expect([identity.settled, identity.awaitsWelcome, identity.hello()]).toEqual([true, false, undefined]);
  });

  it('tells credentials, and requires a welcome for them', () => {
    const identity = make({ credentials: 'x' });
    expect([identity.settled, identity.awaitsWelcome]).toEqual([true, true]);
    const session = jasmine.any(String);
    expect(identity.hello()).toEqual({ type: 'ipc:hello', data: { session, credentials: 'x' } });
  });

  it('offers a codec, which leaves the dialect open until the welcome', () => {
    const identity = make({ codec: 'msgpack' });
    expect([identity.settled, identity.awaitsWelcome]).toEqual([false, true]);
    expect(identity.hello()?.data).toEqual({ session: jasmine.any(String), codecs: ['msgpack'] });
  });

  it('takes the session that its API names', () => {
    const identity = make({ credentials: 'x' }, { identity: () => ({ session: 'mine', secret: 's' }) });
    expect(identity.hello()?.data).toEqual({ session: 'mine', secret: 's', credentials: 'x' });
  });

  it('introduces its session to each server once, and only when requests may be sent again', () => {
    const identity = make();
    const first = serverPeer();
    identity.introduce(first.peer);
    expect(first.sent).toEqual([]);
    identity.keepSession(first.peer);
    identity.keepSession(first.peer);
    expect(first.sent.length).toBe(1);
    const { session, secret } = (first.sent as { data: Record<string, unknown> }[])[0]?.data ?? {};
    expect(first.sent).toEqual([{ type: 'ipc:hello', data: { session, secret, retries: true } }]);
    expect([session, secret]).toEqual([jasmine.any(String), jasmine.any(String)]);
    expect(secret).not.toBe(session);
    const second = serverPeer();
    expect(identity.hello()?.data).toEqual({ session, secret, retries: true });
    identity.introduce(second.peer);
    expect(second.sent).toEqual([]);
  });

  it('waits with its session for a server that has not admitted the client', () => {
    const identity = make();
    const { peer, sent } = serverPeer(false);
    identity.keepSession(peer);
    identity.keepSession(undefined);
    expect(sent).toEqual([]);
    identity.introduce(peer);
    expect(sent.length).toBe(1);
  });
});
