import { MESSAGE, type Packet, SUBSCRIBE, UNSUBSCRIBE } from '../../entities/packet.js';
import { ClientTopics } from '../../lib/client-topics.js';
import { NodeIpcDialect } from '../../lib/dialects/node-ipc.js';
import { RawDialect } from '../../lib/dialects/raw.js';
import type { Peer } from '../../lib/peer.js';
import { ipcError } from '../support/errors.js';
import { failure } from '../support/events.js';

describe('ClientTopics', () => {
  let asked: unknown[];
  let heard: unknown[];
  let topics: ClientTopics;
  const handler = (data: unknown, topic: string) => {
    heard.push([topic, data]);
  };

  function topicsOf(dialect: NodeIpcDialect | RawDialect): ClientTopics {
    return new ClientTopics({
      id: 'world',
      dialect,
      ask: async (type, data, options) => asked.push([type, data, options.retries]),
    });
  }

  beforeEach(() => {
    asked = [];
    heard = [];
    topics = topicsOf(new NodeIpcDialect('\f'));
  });

  /** A peer that records what it is sent. */
  function peerOf(dialect: object = {}): { peer: Peer; sent: Packet[] } {
    const sent: Packet[] = [];
    const send = (packet: Packet) => sent.push(packet);
    return { peer: { socket: undefined, dialect, send } as unknown as Peer, sent };
  }

  it('asks the server for what it subscribes to, and again whenever the connection is lost', async () => {
    await topics.subscribe(['a', 'b.*'], handler);
    expect(asked).toEqual([[SUBSCRIBE, ['a', 'b.*'], Number.POSITIVE_INFINITY]]);
    expect(topics.patterns).toEqual(['a', 'b.*']);
  });

  it('cancels only what no other handler needs', async () => {
    await topics.subscribe(['a', 'b'], handler);
    await topics.subscribe('a', () => {});
    asked = [];
    await topics.unsubscribe(['a', 'b', 'never'], handler);
    expect(asked).toEqual([[UNSUBSCRIBE, ['b'], Number.POSITIVE_INFINITY]]);
    asked = [];
    await topics.unsubscribe('b', handler);
    expect(asked).toEqual([]);
  });

  it('refuses to subscribe in a dialect without names', async () => {
    const error = await failure(topicsOf(new RawDialect('utf8')).subscribe('a', handler));
    expect(error).toEqual(ipcError('ERR_IPC_UNSUPPORTED'));
    expect(asked).toEqual([]);
  });

  it('subscribes again over a new connection, if there is anything to subscribe to', async () => {
    const { peer, sent } = peerOf();
    topics.restore(peer);
    expect(sent).toEqual([]);
    await topics.subscribe('a', handler);
    topics.restore(peer);
    expect(sent).toEqual([{ type: SUBSCRIBE, data: ['a'] }]);
  });

  it('calls the handlers whose topics match', async () => {
    await topics.subscribe('news.*', handler);
    const { peer } = peerOf();
    const message = { type: MESSAGE, data: { topic: 'news.sport', data: 1 } };
    expect(topics.receive(message, peer)).toBeUndefined();
    expect(heard).toEqual([['news.sport', 1]]);
  });

  it('returns the event that a dialect makes of a message without a handler', () => {
    const event = { type: 'message', data: 1 };
    const { peer } = peerOf({ unclaimed: () => event });
    expect(topics.receive({ type: MESSAGE, data: { topic: 'a', data: 1 } }, peer)).toBe(event);
  });

  it('ignores a message without a topic', () => {
    const { peer } = peerOf({ unclaimed: () => ({ type: 'message', data: 1 }) });
    for (const data of [undefined, null, {}, { topic: 1 }])
      expect(topics.receive({ type: MESSAGE, data }, peer)).toBeUndefined();
  });
});
