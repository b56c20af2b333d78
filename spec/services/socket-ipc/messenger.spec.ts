import { EventEmitter } from 'node:events';
import type { Packet } from '../../../entities/packet.js';
import { EncodeError } from '../../../services/socket-ipc/errors.js';
import { TopicMessenger } from '../../../services/socket-ipc/messenger.js';

describe('TopicMessenger', () => {
  const emitter = new EventEmitter();
  const events: unknown[][] = [];
  for (const type of ['message', 'message.a', 'error']) {
    emitter.on(type, (...args) => events.push([type, ...args]));
  }

  beforeEach(() => {
    events.length = 0;
  });

  it("delivers a message as 'message' and by its topic, with the id of its sender", () => {
    const post = new TopicMessenger(emitter, undefined);
    post.deliver({ type: 'a', data: 1 });
    post.deliverFrom('id', { type: 'a', data: 2 });
    post.deliver({ type: 'b', data: 3 });
    expect(events).toEqual([
      ['message', 1, 'a'],
      ['message.a', 1],
      ['message', 2, 'a', 'id'],
      ['message.a', 2, 'id'],
      ['message', 3, 'b'],
    ]);
  });

  it('passes on messages, encoded if there is an encoder', () => {
    const sent: Packet[] = [];
    const encode = jasmine.createSpy().and.callFake(({ topic, message }, callback) => {
      callback(null, message === 'none' ? null : `${topic}:${message}`);
    });
    const transcoder = { createEncoder: () => encode, createDecoder: () => () => {} };
    new TopicMessenger(emitter, undefined).send('a', 1, (packet) => sent.push(packet));
    const post = new TopicMessenger(emitter, transcoder);
    post.send('a', 2, (packet) => sent.push(packet));
    post.send('a', 'none', (packet) => sent.push(packet));
    expect(sent).toEqual([
      { type: 'a', data: 1 },
      { type: 'a', data: 'a:2' },
    ]);
  });

  it('reports data that could not be encoded as an EncodeError', () => {
    new TopicMessenger(emitter, undefined).send('a', 1, () => {
      throw new Error('no JSON');
    });
    const [[type, error]] = events as [[string, EncodeError]];
    expect([type, error.message, error.sentTopic]).toEqual(['error', 'no JSON', 'a']);
    expect(error).toBeInstanceOf(EncodeError);
  });
});
