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
  'unix/basic': { about: 'a message and its answer over a Unix socket, or a pipe on Windows' },
  'unix/sync': { about: 'one message at a time: each is sent after the answer to the previous one' },
  'unix/raw': { about: 'raw bytes, for programs in other languages' },
  'unix/broadcast': { about: 'a server sends to all its clients', clients: helloAndGoodbye },
  'unix/cluster': { about: 'the workers of a cluster share one socket' },
  'unix/systemd': { about: 'a service takes over the socket on which systemd listens' },
  'tcp/basic': { about: 'a message and its answer over TCP' },
  'tcp/sync': { about: 'one message at a time over TCP' },
  'tcp/raw': { about: 'raw bytes over TCP' },
  'tcp/broadcast': { about: 'a server sends to all its clients over TCP', clients: helloAndGoodbye },
  'tls/basic': { about: 'encrypted, but the client accepts any server' },
  'tls/more-secure': { about: 'the client verifies the certificate of the server' },
  'tls/most-secure': { about: 'the server verifies the certificates of its clients, too' },
  'tls/psk': { about: 'a pre-shared key instead of certificates' },
  'tls/sync': { about: 'one message at a time over TLS' },
  'tls/raw': { about: 'raw bytes over TLS' },
  'tls/broadcast': { about: 'a server sends to all its clients over TLS', clients: helloAndGoodbye },
  'udp/basic': { about: 'datagrams between two servers' },
  'udp/ipv6': { about: 'datagrams over IPv6' },
  'udp/raw': { about: 'datagrams of raw bytes' },
  'udp/broadcast': {
    about: 'a server sends to all peers that have sent it a datagram',
    clients: helloAndGoodbye,
  },
  'port/worker': {
    about: 'a worker thread: requests, events, and buffers that are transferred',
    server: ['boss.js'],
    clients: [],
  },
  'port/child': { about: 'a forked child, over its own channel', server: ['boss.js'], clients: [] },
  'conversations/requests': { about: 'requests in both directions, with errors, a timeout and an abort' },
  'conversations/upload': { about: 'the upload of a file as the body of a call, with a progress bar' },
  'conversations/tail': { about: 'a stream of the lines of a file, with those that are appended later' },
  'conversations/chat': { about: 'both sides send at the same time, in one call' },
  'conversations/tokens': { about: 'a stream of tokens, which the client aborts' },
  'conversations/retries': {
    about: 'a request that is sent again after a lost connection, and handled once',
  },
  'conversations/survey': {
    about: 'a request to all clients, and the round-trip time to each',
    clients: helloAndGoodbye,
  },
  'conversations/topics': { about: 'publish and subscribe, with patterns', clients: helloAndGoodbye },
  'conversations/pause': { about: 'a receiver that stops reading for a while, and loses no message' },
  'conversations/close': { about: 'a connection that is closed with a reason, and whether to reconnect' },
  'conversations/credentials': {
    about: 'a password, compared in constant time',
    clients: [
      ['client.js', 'swordfish'],
      ['client.js', 'guess'],
    ],
  },
  'conversations/codecs': { about: 'MessagePack instead of JSON, compressed' },
  'conversations/schema': { about: 'invalid input is refused before the handler runs' },
  'conversations/diagnostics': { about: 'diagnostics channels for tools, and statistics' },
  'telemetry/console': { about: 'one trace of two processes, printed by OpenTelemetry’s console exporter' },
  'telemetry/prometheus': { about: 'durations and connections at an endpoint for Prometheus' },
  'faces/net-ipc': { about: 'the API of net-ipc' },
  'faces/ipc-server': { about: 'the API of @isdk/ipc-server' },
  'faces/socket-ipc': { about: 'the API of @crussell52/socket-ipc' },
  'faces/one-server': {
    about: 'one server for clients of node-ipc, net-ipc and socket-ipc',
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
  'channel/cluster': { about: 'the workers of a cluster send messages to each other', clients: [] },
  'channel/scripts': {
    about: 'programs started by hand find each other, without a server',
    server: ['billing.js'],
    clients: [['orders.js']],
  },
  'channel/stream': {
    about: 'a member streams lines to another one, and receives a body',
    server: ['log.js'],
    clients: [['reader.js']],
  },
  'channel/jobs': {
    about: 'a queue of jobs, shared by the members of a channel',
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
