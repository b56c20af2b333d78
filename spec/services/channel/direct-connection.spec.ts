import { Deduplicator } from '../../../services/channel/deduplicator.js';
import { type ConnectionHello, DirectConnection } from '../../../services/channel/direct-connection.js';

const hello: ConnectionHello = {
  to: 'b',
  from: { id: 'a', number: 1, topics: [], version: 0 },
  epoch: 4,
  first: 8,
};

describe('DirectConnection', () => {
  let written: string[];
  let destroyed: boolean;
  let got: string[];
  let acknowledged: number[];
  let invalid: string[];
  let incoming: Deduplicator | undefined;
  let connection: DirectConnection;

  beforeEach(() => {
    const texts: string[] = [];
    written = texts;
    destroyed = false;
    got = [];
    acknowledged = [];
    invalid = [];
    incoming = undefined;
    const socket = {
      write: (text: string) => texts.push(text),
      destroy: () => {
        destroyed = true;
      },
    };
    connection = new DirectConnection(socket, true, 1000, {
      hello: ({ epoch, first }) => {
        incoming ??= new Deduplicator(epoch, first);
        return incoming;
      },
      message: (_connection, body) => got.push(body),
      acknowledged: (_connection, seq) => acknowledged.push(seq),
      invalid: (what) => invalid.push(what),
    });
  });

  function receive(...lines: (string | object)[]): void {
    const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
    connection.receive(Buffer.from(text));
  }

  function turn(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  it('writes the messages of one turn together, with one acknowledgement', async () => {
    connection.greet(hello);
    connection.send(8, '{"n":1}');
    receive(hello, '{"n":2}', '{"n":3}');
    expect(written).toEqual([]);
    await turn();
    expect(written).toEqual([`${JSON.stringify(hello)}\n{"n":1}\n9\n`]);
    expect(got).toEqual(['{"n":2}', '{"n":3}']);
    await turn();
    expect(written.length).toBe(1);
  });

  it('does not wait for the end of the turn if there is much to write', () => {
    connection.send(1, `{"text":"${'x'.repeat(40_000)}"}`);
    expect(written.length).toBe(1);
  });

  it('numbers messages in order, from the number in the hello', () => {
    receive(hello, '{"n":1}');
    expect(incoming?.last).toBe(8);
    receive('{"n":2}', '17', '{"n":3}');
    expect([incoming?.last, acknowledged]).toEqual([10, [17]]);
  });

  it('acknowledges duplicates again, without delivering them again', async () => {
    incoming = new Deduplicator(4, 8);
    for (const seq of [8, 9]) incoming.take(4, seq);
    receive(hello, '{"n":1}', '{"n":2}', '{"n":3}');
    expect(got).toEqual(['{"n":3}']);
    await turn();
    expect(written).toEqual(['10\n']);
  });

  it('acknowledges nothing of a stream that a later one has replaced', async () => {
    receive(hello, '{"n":1}');
    incoming?.resume(5, 1);
    incoming?.take(5, 1);
    receive('{"n":2}');
    await turn();
    expect([got, written]).toEqual([['{"n":1}'], []]);
  });

  it('sends nothing after its end', async () => {
    connection.send(1, '{"n":1}');
    connection.end();
    await turn();
    expect([written, destroyed]).toEqual([[], false]);
  });

  for (const line of ['nonsense', 'null', '{"to":"b"}', '{"to":1,"from":{},"epoch":1,"first":1}']) {
    it(`ends if the peer begins with ${line}, and reports that once`, () => {
      receive(line, '{"n":1}');
      expect([destroyed, got, invalid]).toEqual([true, [], ['no hello']]);
    });
  }
});
