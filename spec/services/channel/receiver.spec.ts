import { Receiver } from '../../../services/channel/receiver.js';

interface Contract {
  message: string;
  pair: [left: number, right: string];
  list: number[];
  nothing: [];
  sum: { request: [number, number]; response: number };
}

describe('Receiver', () => {
  it("passes messages and requests to its channel's sender, typed by the contract", async () => {
    const calls: unknown[][] = [];
    const sender = {
      send: (...args: unknown[]) => calls.push(args) > 0,
      deliver: async (...args: unknown[]) => void calls.push(args),
      request: async (...args: unknown[]) => calls.push(args),
      stream: () => {
        throw new Error('It is not called here.');
      },
    };
    const receiver = new Receiver<Contract>(sender, 'billing');
    receiver.send('hello');
    receiver.emit('pair', 1, 'one');
    receiver.emit('list', [1, 2]);
    receiver.emit('nothing');
    await receiver.deliver('message', 'hello');
    const answer: number = await receiver.request('sum', [1, 2], { timeout: 5 });
    // @ts-expect-error: the contract says it is a string
    receiver.send(7);
    // @ts-expect-error: the contract knows no such name
    receiver.emit('other');
    expect(answer).toBe(6);
    expect(calls.slice(0, 6)).toEqual([
      ['billing', 'message', ['hello']],
      ['billing', 'pair', [1, 'one']],
      ['billing', 'list', [[1, 2]]],
      ['billing', 'nothing', []],
      ['billing', 'message', ['hello']],
      ['billing', 'sum', [1, 2], { timeout: 5 }],
    ]);
  });
});
