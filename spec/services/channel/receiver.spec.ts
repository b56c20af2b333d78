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
    const receiver = new Receiver<Contract>({
      send: (...args) => calls.push(args) > 0,
      deliver: async (...args) => void calls.push(args),
      request: async (...args) => calls.push(args),
    });
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
      ['message', ['hello']],
      ['pair', [1, 'one']],
      ['list', [[1, 2]]],
      ['nothing', []],
      ['message', ['hello']],
      ['sum', [1, 2], { timeout: 5 }],
    ]);
  });
});
