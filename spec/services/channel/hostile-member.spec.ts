import { MESSAGE, type Packet } from '../../../entities/packet.js';
import { CANCEL, CREDIT, ITEM, STREAM } from '../../../entities/stream.js';
import { Channel } from '../../../services/channel/index.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
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

describe('A member of a channel that breaks the rules', () => {
  const packets: Record<string, object> = {
    'a message under no topic': { type: MESSAGE, data: null },
    'a message under a topic that is not text': { type: MESSAGE, data: { topic: 5, data: 1 } },
    'an event with more arguments than a call can have': { type: 'many', data: new Array(500_000).fill(0) },
    'a part of a stream that says nothing': { type: ITEM, data: null },
    'a part of a stream that is not known': { type: ITEM, data: { re: { toString: 1 }, seq: 1 } },
    'credit that is text': { type: CREDIT, data: { id: 'x', seq: 'y' } },
    'a cancel without a stream': { type: CANCEL, data: 7 },
    'a call for a stream without its data': { type: STREAM, id: 1, data: null },
    'an answer to nothing': { type: 'x', re: 99, data: 1 },
    'a request by an id that is an object': { type: 'x', id: { a: 1 }, data: 1 },
  };
  for (const [what, packet] of Object.entries(packets)) {
    it(`affects nobody else: ${what}`, async () => {
      const directory = freshRendezvous();
      const channels: Channel[] = [];
      for (let i = 0; i < 2; i++) {
        const channel = new Channel({ name: 'peers', directory });
        channels.push(channel);
        afterwards(() => channel.close({ timeout: 0 }));
        await channel.ready();
      }
      const [channel, other] = channels as [Channel, Channel];
      channel.on('error', () => {});
      await channel.subscribe('>', () => {});
      const escaped: unknown[] = [];
      await jasmine.spyOnGlobalErrorsAsync(async (spy) => {
        const next = once(channel, 'next');
        forge(other, packet);
        await other.to(1).deliver('next', 1);
        await next;
        await new Promise(setImmediate);
        escaped.push(...spy.calls.allArgs().map(([error]) => (error as Error).message ?? error));
      });
      expect(escaped).toEqual([]);
    });
  }
});
