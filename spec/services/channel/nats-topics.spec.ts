import type { NatsClient, NatsMessage } from '../../../services/channel/nats-client.js';
import { NatsSubjects } from '../../../services/channel/nats-subjects.js';
import { NatsTopics } from '../../../services/channel/nats-topics.js';

describe('NatsTopics', () => {
  let callbacks: Map<string, (error: Error | null, message: NatsMessage) => void>;
  let published: unknown[];
  let heard: unknown[];
  let topics: NatsTopics;

  beforeEach(() => {
    callbacks = new Map();
    published = [];
    heard = [];
    const connection = {
      info: { max_payload: 1000 },
      isClosed: () => false,
      publish: (subject: string, payload: string, { headers }: { headers: unknown }) =>
        published.push([subject, payload, headers]),
      subscribe: (
        subject: string,
        { callback }: { callback: (error: Error | null, message: NatsMessage) => void },
      ) => {
        callbacks.set(subject, callback);
        return { unsubscribe: () => callbacks.delete(subject) };
      },
    };
    const client = { connection, headers: (name: string, value: string) => ({ [name]: value }) };
    topics = new NatsTopics(client as unknown as NatsClient, new NatsSubjects('shop'), 'run', {
      published: (topic, data) => heard.push([topic, data]),
      failed: ({ code }) => heard.push(code),
    });
  });

  /** A message comes as NATS delivers it: once for each of these subscriptions. */
  function comes(topic: string, text: string, patterns: string[], member = ''): void {
    for (const pattern of patterns) {
      callbacks.get(`omni-ipc.shop.topic.${pattern}`)?.(null, {
        subject: `omni-ipc.shop.topic.${topic}`,
        headers: { get: () => member },
        string: () => text,
      });
    }
  }

  it('publishes JSON with a mark of a member', () => {
    topics.publish('news', { a: 1 });
    topics.publish('news', undefined);
    topics.publish('no subject', 1);
    expect(published).toEqual([
      ['omni-ipc.shop.topic.news', '{"a":1}', { 'Omni-Ipc-Member': 'run' }],
      ['omni-ipc.shop.topic.news', '', { 'Omni-Ipc-Member': 'run' }],
    ]);
  });

  it('reports a publication that exceeds the size limit of NATS', () => {
    topics.publish('news', 'ü'.repeat(500));
    topics.publish('news', 'ü'.repeat(430));
    expect([published.length, heard]).toEqual([1, ['ERR_IPC_TOO_LARGE']]);
  });

  it('delivers each message once, whatever the number of patterns, and none of a member', () => {
    topics.subscribe(['news.*', 'news.>', 'a b']);
    expect(callbacks.size).toBe(2);
    comes('news.art', '7', ['news.*', 'news.>']);
    comes('news.art.old', '8', ['news.>']);
    comes('news.art', '9', ['news.*', 'news.>'], 'another run');
    comes('news.art', 'no JSON', ['news.*', 'news.>']);
    expect(heard).toEqual([['news.art', 7], ['news.art.old', 8], 'ERR_IPC_DECODE']);
  });

  it('delivers nothing under patterns after their unsubscription', () => {
    topics.subscribe(['news.*', 'news.>']);
    topics.subscribe(['news.>']);
    expect([...callbacks.keys()]).toEqual(['omni-ipc.shop.topic.news.>']);
    comes('news.art', '7', ['news.>']);
    expect(heard).toEqual([['news.art', 7]]);
  });
});
