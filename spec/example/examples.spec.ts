import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Example, examples } from '../../example/examples.js';
import { hasCompiler } from '../../example/runner/build.js';
import { play } from '../../example/runner/play.js';
import { withoutNats } from '../support/nats.js';
import { hasIPv6 } from '../support/network.js';
import { start, withoutCoverage } from '../support/processes.js';
import { inProject, projectRoot } from '../support/project.js';

/** Who says what: lines that must come. */
type Script = Record<string, (string | RegExp)[]>;

const broadcast: Script = {
  hello: ['got hello world!', 'got goodbye world!'],
  goodbye: ['got hello world!', 'got goodbye world!'],
};

const greeting: Script = {
  server: [/^world listens on /, 'got a message : hello', 'the client has disconnected'],
  client: ['## connected to world ##', 'got a message from world : hello world!'],
};

const sync: Script = {
  server: ['got one, unanswered: 1', 'got two, unanswered: 1', 'got three, unanswered: 1'],
  client: ['one is done', 'two is done', 'three is done'],
};

const raw: Script = {
  server: ['got <Buffer 00 02 cc ee ff 00> 2 16772812'],
  client: ['got <Buffer fe ed c0 de>'],
};

const datagram: Script = {
  server: ['got hello from hello'],
  client: ['got hello world! from world'],
};

const structs = (sender: string, answerer: string): Script => ({
  [answerer]: [
    'got < kind 1 sensor 48879 celsius -21500 weight 0.125',
    'got > kind 2 sensor 7 celsius 36600 weight -1234.500',
  ],
  [sender]: [
    'got < kind 1 sensor 48879 celsius -20500 weight 0.250',
    'got > kind 2 sensor 7 celsius 37600 weight -2469.000',
  ],
});

const heardByThree = Array.from({ length: 9 }, () => /^peer [123] hears peer [123]: hello to all$/);

const scripts: Record<string, Script> = {
  'unix/basic': greeting,
  'unix/sync': sync,
  'unix/raw': raw,
  'unix/broadcast': { ...broadcast, server: [/^(hello|goodbye) has left$/, /^(hello|goodbye) has left$/] },
  'unix/cluster': {
    server: [/^worker [12] got 20/, /^worker [12] got 20/, /^worker [12] got 20/, /^worker [12] got 20/],
    client: ['sent 1', 'sent 2', 'sent 3', 'sent 4'],
  },
  'unix/systemd': {
    server: ['world listens on fd:3', 'got a message : hello', 'the client has disconnected'],
    client: ['got a message from world : hello world!'],
  },
  'tcp/basic': { ...greeting, server: [/^server started on localhost:[1-9]\d*$/, 'got a message : hello'] },
  'tcp/sync': sync,
  'tcp/raw': raw,
  'tcp/broadcast': broadcast,
  'tls/basic': {
    server: ['got hello under TLSv1.3'],
    client: ['connected, and the server is known: false', 'got hello world!'],
  },
  'tls/more-secure': {
    server: ['got hello under TLSv1.3'],
    client: ['connected, and the server is known: true', 'got hello world!'],
  },
  'tls/most-secure': {
    server: [/^ERR_IPC_HANDSHAKE ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE$/, 'got hello from client'],
    client: [/^ERR_IPC_HANDSHAKE /, 'got hello world!'],
  },
  'tls/psk': { server: ['got hello'], client: [/^connected by TLS_/, 'got hello world!'] },
  'tls/sync': sync,
  'tls/raw': raw,
  'tls/broadcast': broadcast,
  'udp/basic': datagram,
  'udp/ipv6': datagram,
  'udp/raw': raw,
  'udp/broadcast': broadcast,
  'port/worker': {
    server: ['inverted: [ 255, 191, 127 ] - ours was handed over: true', 'progress: 50 %', 'progress: 100 %'],
  },
  'port/child': { server: ["counted: [ [ 'to', 2 ], [ 'be', 2 ], [ 'or', 1 ], [ 'not', 1 ] ]"] },
  'conversations/requests': {
    client: [
      '2 + 40 = 42',
      'hello, Alice',
      'ERR_IPC_REMOTE | -1 has no root',
      /^ERR_IPC_TIMEOUT \| /,
      /^ERR_IPC_ABORTED \| /,
      /^ERR_IPC_NO_HANDLER \| /,
    ],
  },
  'conversations/upload': {
    server: ['got some.file: 4194304 bytes'],
    client: ['it arrived as it was: true', '[####################] 100 %'],
  },
  'conversations/tail': { client: ['| line 1', '| line 2', '| line 3', '| line 4', '| line 5'] },
  'conversations/chat': {
    server: ['Alice says hello', 'Alice says is it raining?', 'Alice says it is'],
    client: [
      'world says welcome, Alice',
      'world says "hello", indeed',
      'world says what do you think?',
      'world says "it is", indeed',
      'world says goodbye, Alice',
    ],
  },
  'conversations/tokens': {
    server: ['thought of no more than was wanted'],
    client: ['Well, once upon a time', 'ERR_IPC_ABORTED enough'],
  },
  'conversations/retries': {
    server: ['order 1: tea', 'a client is gone', 'a client is gone'],
    client: ['connected again', 'our order has the number 1'],
  },
  'conversations/survey': {
    server: [/^both answered a ping within a second: /],
    hello: ['the server said: the server stopped'],
    goodbye: ['the server said: the server stopped'],
  },
  'conversations/topics': {
    server: [/^news\.(hello|goodbye): seen it all$/, /^news\.(hello|goodbye): seen it all$/],
    hello: ['weather.paris: rain', 'weather.oslo: snow'],
    goodbye: ['weather.paris: rain', 'weather.oslo.tomorrow: more snow'],
  },
  'conversations/pause': { server: ['received while paused: 0', 'received 10000, in order: true'] },
  'conversations/close': {
    server: ['the client said: nothing', 'the client said: done for today'],
    client: ['the server said: too busy, come back; come back: true', 'over for good'],
  },
  'conversations/credentials': {
    swordfish: ['come in'],
    guess: ['ERR_IPC_REFUSED | The server refused world: wrong password; check config.credentials.'],
    server: [/^(got the secret of a client that was let in|A client was refused: wrong password\.)$/],
  },
  'conversations/codecs': {
    server: ['when: Date, bytes: Buffer, large: BigInt, map: Map'],
    client: [
      "  map: Map(1) { 'key' => Set(2) { 1, 2 } }",
      /^the same text a hundred times: \d{2} bytes$/, // of 1400
    ],
  },
  'conversations/schema': {
    server: ['greets Alice'],
    client: ['hello Alice, you are 42', /^ERR_IPC_INVALID_INPUT \| /, 'age: age must be a number'],
  },
  'conversations/diagnostics': {
    server: ['server: connection open', 'in  add', 'out add', 'server: connection close'],
    client: [/^request add: done after [\d.]+ ms$/, '2 + 40 = 42'],
  },
  'telemetry/console': {
    server: [/^ {2}name: 'add',$/, /^ {2}kind: 1,$/, /^ {2}name: 'process goodbye',$/],
    client: [/^ {2}name: 'add',$/, '2 + 40 = 42', /^ {2}name: 'emit goodbye',$/, /^ {2}name: 'shopping',$/],
  },
  'telemetry/prometheus': {
    client: [
      /^omni_ipc_connections\{.*omni_ipc_side="server".*\} 1$/,
      /^rpc_server_call_duration\w*_count\{.*rpc_method="add".*\} 3$/,
    ],
  },
  'faces/net-ipc': {
    server: ['a client has come', 'a client is Alice', 'it has gone: that was all'],
    client: ['agreed on { compress: true, messagepack: true }', 'got hello world!', '2 + 40 = 42'],
  },
  'faces/ipc-server': { client: ['hello', 'nobody knows sing', 'weather: rain'] },
  'faces/socket-ipc': {
    server: ["hello { name: 'Alice' }", 'goodbye null'],
    client: ['Hello, Alice!'],
  },
  'faces/one-server': {
    'node-ipc': ['hello, node-ipc', 'all are here: net-ipc, node-ipc, socket-ipc'],
    'net-ipc': ['hello, net-ipc', 'all are here: net-ipc, node-ipc, socket-ipc'],
    'socket-ipc': ['hello, socket-ipc', 'all are here: net-ipc, node-ipc, socket-ipc'],
  },
  'cluster/backplane': {
    server: [/^worker [12] knows 4 clients of 2 workers$/],
    client: [1, 2, 3, 4].map((i) => `client ${i} got all are here`),
  },
  'nats/backplane': {
    client: ['oslo', 'oslo', 'paris', 'paris'].flatMap((name, i) => [
      `a client of ${name} is one of ${i + 1}`,
      `a client of ${name} got all are here, by way of paris`,
    ]),
  },
  'nats/groups': {
    server: ['the squares are 4, 9, 25, 49'],
    ann: [/^ann squares \d$/, /^ann squares \d$/],
    bob: [/^bob squares \d$/, /^bob squares \d$/],
  },
  'channel/cluster': { server: heardByThree },
  'channel/scripts': {
    server: ['billing is peer 1 and listens on the channel', 'peer 2 says thank you'],
    client: ['order 7 costs 100'],
  },
  'channel/stream': {
    server: ['the log listens on the channel', 'peer 2 has read enough'],
    client: ['billing: line 1', 'billing: line 3', '1000 lines of billing are written'],
  },
  'channel/jobs': {
    server: [4, 9, 25, 49, 121, 169].map((square) => new RegExp(`^peer [23] made ${square} of `)),
    ann: ['ann goes home'],
    bob: ['bob goes home'],
  },
  typed: { client: ['got HELLO world!', '2 + 40 = 42'] },
  'c/client-unix': structs('client', 'server'),
  'c/client-tcp': structs('client', 'server'),
  'c/server-unix': structs('client', 'server'),
  'c/server-tcp': structs('client', 'server'),
};

describe('The example', () => {
  for (const [name, example] of Object.entries(examples)) {
    it(`${name}: ${example.about}`, async () => {
      const missing = missingFor(name);
      if (missing) pending(missing);
      const said: Record<string, string[]> = {};
      const write = (who: string, line: string) => {
        said[who] ??= [];
        said[who].push(stripVTControlCharacters(line));
      };
      const code = await play(name, example, {
        root: projectRoot,
        write,
        env: withoutCoverage(),
        patience: 100_000,
      });
      for (const [who, lines] of Object.entries(scripts[name] ?? {})) {
        expect(heard(lines, said[who] ?? []))
          .withContext(JSON.stringify(said, null, 1))
          .toEqual(lines);
      }
      expect(code)
        .withContext(JSON.stringify(said, null, 1))
        .toBe(0);
    });
  }

  it('is listed if it exists, and exists if it is listed', () => {
    const there = readdirSync(inProject('example'), { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter(
        (file) => /(^|\/)(server|billing|boss|log)\.(js|ts)$/.test(file) && !/(^|\/)(demo|dist)\//.test(file),
      )
      .map((file) => dirname(file));
    const folderOf = ([name, { folder }]: [string, Example]) => folder ?? name;
    expect([...new Set(Object.entries(examples).map(folderOf))].sort()).toEqual(there.sort());
    expect(Object.keys(scripts)).toEqual(Object.keys(examples));
  });
});

describe('npm run example', () => {
  it('prints the output of each process, and ends with 0', async () => {
    const run = start('example/run.js', ['unix/raw'], { NODE_V8_COVERAGE: '' });
    expect(await run.exited).toEqual({ code: 0, signal: null });
    expect(run.stdout).toMatch(/^server {3}\| world listens on /m);
    expect(run.stdout).toMatch(/^client {3}\| got <Buffer fe ed c0 de>$/m);
  });

  it('lists the examples', async () => {
    const run = start('example/run.js');
    expect((await run.exited).code).toBe(0);
    for (const [name, { about }] of Object.entries(examples)) {
      expect(run.stdout).toMatch(new RegExp(`^ {2}${name} +${about.replace(/[()]/g, '\\$&')}$`, 'm'));
    }
  });

  it('names an unknown example, and fails', async () => {
    const run = start('example/run.js', ['tcp/bisac']);
    expect((await run.exited).code).toBe(1);
    expect(run.stdout).toMatch(/^There is no example tcp\/bisac\.\n\nnpm run example -- NAME$/m);
  });
});

/** Of the lines wanted those that came; each that came counts for one only. */
function heard(wanted: readonly (string | RegExp)[], lines: readonly string[]): (string | RegExp)[] {
  const left = [...lines];
  return wanted.filter((one) => {
    const index = left.findIndex((line) => (typeof one === 'string' ? line === one : one.test(line)));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

/** What keeps an example from being run here, if something does. */
function missingFor(name: string): string | undefined {
  if (name === 'udp/ipv6' && !hasIPv6()) return 'There is no IPv6 here';
  if (name === 'unix/systemd' && process.platform === 'win32') return 'There is no systemd on Windows';
  if (['unix/cluster', 'cluster/backplane'].includes(name) && process.platform === 'win32')
    return 'Node cannot share a Windows pipe between the workers of a cluster';
  if (name.startsWith('nats/') && withoutNats !== undefined) return withoutNats;
  if (name.startsWith('c/') && !hasCompiler()) return 'There is no C compiler here';
  return undefined;
}
