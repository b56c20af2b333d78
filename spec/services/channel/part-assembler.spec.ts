import { type NatsPacket, split } from '../../../services/channel/nats-packet.js';
import { PartAssembler } from '../../../services/channel/part-assembler.js';
import { ipcError } from '../../support/errors.js';

describe('The parts of a message', () => {
  const base = { from: 'a', number: 7, epoch: 1, first: 1, seq: 1, ackEpoch: 0, ackSeq: 0 };

  function partsOf(text: string): NatsPacket[] {
    const parts = split(text, 3);
    return parts.map((part, index) => ({ ...base, part: index, parts: parts.length, text: part }));
  }

  it('are one message once the last of them has arrived, each time anew', () => {
    const assembler = new PartAssembler();
    for (const text of ['abcdefgh', 'ijkl']) {
      const taken = partsOf(text).map((part) => assembler.take(part, 100));
      expect(taken.pop()).toBe(text);
      expect(taken.every((one) => one === undefined)).toBeTrue();
    }
  });

  it('begin again with the first one if one of them was lost', () => {
    const assembler = new PartAssembler();
    const [first, second, third] = partsOf('abcdefgh') as [NatsPacket, NatsPacket, NatsPacket];
    const arrived = [first, third, second, first, second, third];
    expect(arrived.map((part) => assembler.take(part, 100)).filter((one) => one !== undefined)).toEqual([
      'abcdefgh',
    ]);
  });

  it('are refused together if there are so many that they take more memory than the longest message', () => {
    const assembler = new PartAssembler();
    const take = (count: number) => {
      for (let part = 0; part < count; part++)
        assembler.take({ ...base, part, parts: 5000, text: 'x' }, 64_000);
    };
    take(2000);
    expect(() => take(5000)).toThrow(ipcError('ERR_IPC_TOO_LARGE', 'too many parts'));
  });

  it('are refused together if they are too long', () => {
    const assembler = new PartAssembler();
    const [first, second, third] = partsOf('abcdefgh') as [NatsPacket, NatsPacket, NatsPacket];
    assembler.take(first, 5);
    expect(() => assembler.take(second, 5)).toThrow(
      ipcError('ERR_IPC_TOO_LARGE', 'Member 7 sent a message of more than 5 characters'),
    );
    expect(assembler.take(third, 5)).toBeUndefined();
  });
});
