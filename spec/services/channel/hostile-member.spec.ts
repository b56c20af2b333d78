import { MESSAGE, type Packet } from '../../../entities/packet.js';
import { CANCEL, CREDIT, ITEM, STREAM } from '../../../entities/stream.js';
import type { Channel } from '../../../services/channel/index.js';
import { freshRendezvous, openChannels } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

/** Sends a packet that the sender's own checks would refuse. */
function forge(channel: Channel, packet: object): void {
  const write = JSON.stringify;
  const forging = ((value: Packet, ...rest: []) =>
    write(value?.type === 'FORGED' ? packet : value, ...rest)) as typeof JSON.stringify;
  JSON.stringify = forging;
  try {
    channel.to(1).emit('FORGED');
  } finally {
    JSON.stringify = write;
  }
}

const IGNORED: readonly [string, object][] = [
  ['a part of a stream that says nothing', { type: ITEM, data: null }],
  ['a part of a stream that is not known', { type: ITEM, data: { re: { toString: 1 }, seq: 1 } }],
  ['credit that is text', { type: CREDIT, data: { id: 'x', seq: 'y' } }],
  ['a cancel without a stream', { type: CANCEL, data: 7 }],
  ['a call for a stream without its data', { type: STREAM, id: 1, data: null }],
  ['an answer to nothing', { type: 'x', re: 99, data: 1 }],
  ['a request by an id that is an object', { type: 'x', id: { a: 1 }, data: 1 }],
];

const REPORTED: readonly [string, object][] = [
  ['a message under no topic', { type: MESSAGE, data: null }],
  ['a message under a topic that is not text', { type: MESSAGE, data: { topic: 5, data: 1 } }],
  ['an event with more arguments than a call can have', { type: 'many', data: new Array(500_000).fill(0) }],
];

describe('A member of a channel that violates the protocol', () => {
  /** The errors that a member reports when it gets a packet, and after which it has received the next message. */
  async function errorsOf(packet: object): Promise<unknown[]> {
    const [channel, other] = (await openChannels(freshRendezvous(), 2)) as [Channel, Channel];
    const errors: unknown[] = [];
    channel.on('error', (error) => errors.push(error));
    await channel.subscribe('>', () => {});
    await jasmine.spyOnGlobalErrorsAsync(async (spy) => {
      const escaped = new Promise<void>((resolve) => {
        spy.and.callFake((error: unknown) => {
          errors.push(error);
          resolve();
        });
      });
      const next = once(channel, 'next');
      forge(other, packet);
      await Promise.race([Promise.all([other.to(1).deliver('next', 1), next]), escaped]);
      await new Promise(setImmediate);
    });
    return errors;
  }

  for (const [what, packet] of IGNORED) {
    it(`affects no other member: ${what}`, async () => {
      expect(await errorsOf(packet)).toEqual([]);
    });
  }
  for (const [what, packet] of REPORTED) {
    it(`is reported, and affects no other member: ${what}`, async () => {
      expect(await errorsOf(packet)).toEqual([ipcError('ERR_IPC_PROTOCOL', 'Member 2')]);
    });
  }
});
