// @ts-check
/**
 * What there is to run: `npm run example -- NAME`. An example is a folder with a `server.js` and a `client.js`, unless it
 * says otherwise.
 *
 * @typedef {readonly [file: string, ...args: string[]]} Program
 * @typedef {{ about: string, folder?: string, server?: Program, clients?: readonly Program[], nats?: true }} Example `nats`:
 * whether it needs a NATS server, which the runner starts
 */

/** @type {readonly Program[]} */
const helloAndGoodbye = [
  ['client.js', 'hello'],
  ['client.js', 'goodbye'],
];

/** @type {Readonly<Record<string, Example>>} */
export const examples = {
  'unix/basic': { about: 'a message and its answer over a Unix socket, on Windows over a pipe' },
  'unix/sync': { about: 'one message at a time, each after the answer to the one before' },
  'unix/raw': { about: 'bytes as they are, for processes in other languages' },
  'unix/broadcast': { about: 'one server speaks to all its clients', clients: helloAndGoodbye },
  'unix/cluster': { about: 'the workers of a cluster share one socket' },
  'unix/systemd': { about: 'a service takes over the socket that systemd listens on' },
  'tcp/basic': { about: 'a message and its answer over TCP' },
  'tcp/sync': { about: 'one message at a time over TCP' },
  'tcp/raw': { about: 'bytes as they are over TCP' },
  'tcp/broadcast': { about: 'one server speaks to all its clients over TCP', clients: helloAndGoodbye },
  'tls/basic': { about: 'encrypted, but the client believes any server' },
  'tls/more-secure': { about: 'the client knows the server by its certificate' },
  'tls/most-secure': { about: 'the server knows its clients by theirs, too' },
  'tls/psk': { about: 'a shared key instead of certificates' },
  'tls/sync': { about: 'one message at a time over TLS' },
  'tls/raw': { about: 'bytes as they are over TLS' },
  'tls/broadcast': { about: 'one server speaks to all its clients over TLS', clients: helloAndGoodbye },
  'udp/basic': { about: 'datagrams: two servers that write to each other' },
  'udp/ipv6': { about: 'datagrams over IPv6' },
  'udp/raw': { about: 'datagrams of bytes as they are' },
  'udp/broadcast': { about: 'to everybody it has heard of', clients: helloAndGoodbye },
  'port/worker': {
    about: 'a worker thread: requests, events, and buffers that are handed over',
    server: ['boss.js'],
    clients: [],
  },
  'port/child': { about: 'a forked child, over its own channel', server: ['boss.js'], clients: [] },
  'conversations/requests': { about: 'questions and answers both ways, with errors, a timeout and an abort' },
  'conversations/upload': { about: 'a file goes up as the body of a call, with a progress bar' },
  'conversations/tail': { about: 'the lines of a file, and those that are appended later' },
  'conversations/chat': { about: 'both sides speak at once, in one call' },
  'conversations/tokens': { about: 'a stream of tokens that is aborted' },
  'conversations/retries': { about: 'a lost connection in the middle: asked twice, done once' },
  'conversations/survey': {
    about: 'one question to all clients, and how far away they are',
    clients: helloAndGoodbye,
  },
  'conversations/topics': { about: 'publish and subscribe, with patterns', clients: helloAndGoodbye },
  'conversations/pause': { about: 'a receiver that needs a break, and loses nothing by it' },
  'conversations/close': { about: 'a goodbye with a reason, and word whether to come back' },
  'conversations/credentials': {
    about: 'a password, compared in constant time',
    clients: [
      ['client.js', 'swordfish'],
      ['client.js', 'guess'],
    ],
  },
  'conversations/codecs': { about: 'MessagePack instead of JSON, compressed' },
  'conversations/schema': { about: 'input that does not fit is refused before the handler runs' },
  'conversations/diagnostics': { about: 'what happens, for tools that watch, and figures' },
  'telemetry/console': { about: 'one trace of two processes, printed by OpenTelemetry’s console exporter' },
  'telemetry/prometheus': { about: 'durations and connections at an endpoint for Prometheus' },
  'faces/net-ipc': { about: 'by the API of net-ipc' },
  'faces/ipc-server': { about: 'by the API of @isdk/ipc-server' },
  'faces/socket-ipc': { about: 'by the API of @crussell52/socket-ipc' },
  'faces/one-server': {
    about: 'one server for clients of all these, and of node-ipc',
    clients: [
      ['client.js', 'node-ipc'],
      ['client.js', 'net-ipc'],
      ['client.js', 'socket-ipc'],
    ],
  },
  'cluster/backplane': { about: 'the workers of a cluster act as one server' },
  'nats/backplane': {
    about: 'servers on many machines act as one server',
    server: ['server.js', 'oslo'],
    clients: [['server.js', 'paris'], ['client.js']],
    nats: true,
  },
  'nats/groups': {
    about: 'work is shared by a group of processes on many machines',
    server: ['boss.js'],
    clients: [
      ['worker.js', 'ann'],
      ['worker.js', 'bob'],
    ],
    nats: true,
  },
  'channel/cluster': { about: 'the workers of a cluster talk to each other', clients: [] },
  'channel/scripts': {
    about: 'programs started by hand find each other, without a server',
    server: ['billing.js'],
    clients: [['orders.js']],
  },
  'channel/stream': {
    about: 'a member streams lines to another, and takes a body',
    server: ['log.js'],
    clients: [['reader.js']],
  },
  'channel/jobs': {
    about: 'a queue of jobs among peers',
    server: ['boss.js'],
    clients: [
      ['worker.js', 'ann'],
      ['worker.js', 'bob'],
    ],
  },
  typed: {
    about: 'one contract types both sides (TypeScript)',
    server: ['server.ts'],
    clients: [['client.ts']],
  },
  'c/client-unix': {
    about: 'a client in C sends packed structs of both byte orders',
    folder: 'c',
    server: ['server.js', 'unix'],
    clients: [['client.c', 'unix']],
  },
  'c/client-tcp': {
    about: 'the same over TCP',
    folder: 'c',
    server: ['server.js', 'tcp'],
    clients: [['client.c', 'tcp']],
  },
  'c/server-unix': {
    about: 'a server in C answers with packed structs of both byte orders',
    folder: 'c',
    server: ['server.c', 'unix'],
    clients: [['client.js', 'unix']],
  },
  'c/server-tcp': {
    about: 'the same over TCP',
    folder: 'c',
    server: ['server.c', 'tcp'],
    clients: [['client.js', 'tcp']],
  },
};
