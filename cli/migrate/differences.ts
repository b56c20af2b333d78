/** A pattern in source code that shows a place where the behaviour differs. */
export interface Difference {
  /** The entry point that it applies to. */
  readonly to: string;
  /** The name of a called method, alone or with one of these strings among its arguments. */
  readonly call?: string;
  readonly with?: readonly string[];
  /** The name of a property that is set, or of an option. */
  readonly set?: string;
  /** The name of a property that is read. */
  readonly get?: string;
  /** The name of a constructor that is called. */
  readonly create?: string;
  /** What differs, and what to do. */
  readonly says: string;
}

const LISTEN = ['on', 'once', 'addListener', 'subscribe'];
const RESERVED = ['connect', 'disconnect', 'destroy', 'error', 'start', 'close', 'socket.disconnected'];

function heard(to: string, events: readonly string[], says: string): Difference[] {
  return LISTEN.map((call) => ({ to, call, with: events, says }));
}

const SYSTEM_ERRORS = 'passes an IPCError; the code of the system is error.cause.code';
const LIVE_PATH =
  "start() rejects with ERR_IPC_IN_USE if a server listens at the path already; unlink: 'force' takes the path over";
const ASSIGNED = 'the assignment has no effect, and a process warning says what to call instead';

/** The rows of the tables in docs/migrating.md that can be recognized in source code. */
export const DIFFERENCES: readonly Difference[] = [
  // node-ipc
  ...heard('omni-ipc', ['error'], `'error' ${SYSTEM_ERRORS}`),
  ...heard(
    'omni-ipc',
    ['close'],
    "a server's 'close' means that the server has stopped; 'disconnect' and 'socket.disconnected' report that a client has disconnected",
  ),
  { to: 'omni-ipc', call: 'serve', says: LIVE_PATH },
  { to: 'omni-ipc', call: 'stop', says: 'stop() also ends the connections, so that the process can end' },
  {
    to: 'omni-ipc',
    call: 'disconnect',
    says: 'disconnect() first sends what was emitted; client.destroy() discards it',
  },
  {
    to: 'omni-ipc',
    call: 'publish',
    says: 'publish() publishes under a topic; trigger() calls the handlers of this process',
  },
  {
    to: 'omni-ipc',
    call: 'subscribe',
    says: 'subscribe() subscribes to a topic; on() handles an event',
  },
  ...heard('omni-ipc', ['*'], "handlers of '*' are called after those of the event itself, as in version 9"),
  {
    to: 'omni-ipc',
    call: 'serveNet',
    with: ['udp'],
    says: "'udp' is refused with ERR_IPC_ARGUMENT; UDP is 'udp4' or 'udp6', and without it TCP",
  },
  {
    to: 'omni-ipc',
    call: 'serveNet',
    with: ['tls'],
    says: "'tls' is refused with ERR_IPC_CONFIG unless config.tls is set",
  },
  {
    to: 'omni-ipc',
    get: 'queue',
    says: 'client.queue does not exist; client.stats().pendingBytes says how much waits',
  },
  {
    to: 'omni-ipc',
    set: 'parser',
    says: 'config.parser does not exist; set config.profile, config.rawBuffer or config.codec',
  },
  {
    to: 'omni-ipc',
    set: 'secureSocketRoot',
    says: "config.secureSocketRoot does not exist; set config.profile to 'assured'",
  },
  { to: 'omni-ipc', set: 'socket', says: ASSIGNED },
  { to: 'omni-ipc', set: 'sockets', says: ASSIGNED },
  {
    to: 'omni-ipc',
    call: 'emit',
    with: RESERVED,
    says: 'the receiver ignores a message with the name of a lifecycle event (ERR_IPC_RESERVED); rename it, or set allowReservedEvents',
  },
  {
    to: 'omni-ipc',
    set: 'tls',
    says: "TLS needs a certificate of your own in config.tls, and 'connect' is emitted after the handshake",
  },
  {
    to: 'omni-ipc',
    set: 'delimiter',
    says: 'a delimiter needs a character that JSON uses only inside strings, or it is refused with ERR_IPC_CONFIG',
  },
  { to: 'omni-ipc', set: 'rawBuffer', says: 'raw bytes over UDP arrive unchanged, not as text' },
  {
    to: 'omni-ipc',
    set: 'networkHost',
    says: "the default host is 'localhost', for which clients try IPv4 and IPv6",
  },
  { to: 'omni-ipc', set: 'logger', says: 'the log has no payloads unless logPayloads is set' },
  // net-ipc, and ipc-server, which has the same protocol
  ...['omni-ipc/net-ipc', 'omni-ipc/ipc-server'].flatMap((to): Difference[] => [
    ...['send', 'request', 'ping'].map((call) => ({
      to,
      call,
      says: `${call}() rejects with an IPCError at once if it cannot be sent, and does not resolve with an Error`,
    })),
    ...heard(
      to,
      ['error'],
      `'error' ${SYSTEM_ERRORS}; if nothing listens to it, an error that another listener throws is an uncaught exception`,
    ),
    ...heard(
      to,
      ['status'],
      'while the client reconnects, its status is RECONNECTING, CONNECTED, READY, without IDLE and CONNECTING',
    ),
    { to, call: 'start', says: LIVE_PATH },
    { to, call: 'close', says: 'close() waits for the answers to open requests; destroy() does not' },
    {
      to,
      call: 'broadcast',
      says: 'broadcast() sends to all clients at the same time, and disconnects a client that does not read',
    },
    { to, set: 'port', says: 'port: 0 selects any free port, not the default path' },
    { to, set: 'tls', says: 'TLS goes over TCP only; with a path it is refused' },
    { to, set: 'reconnect', says: 'with reconnect: false, connect() rejects when it fails' },
    { to, set: 'compress', says: 'without fast-zlib, connect() rejects with ERR_IPC_MISSING_PACKAGE' },
    { to, set: 'messagepack', says: 'without msgpackr, connect() rejects with ERR_IPC_MISSING_PACKAGE' },
    { to, set: 'retries', says: 'retries is the exact number of attempts; add one for the old behaviour' },
  ]),
  {
    to: 'omni-ipc/ipc-server',
    call: 'publish',
    says: 'publish() resolves when the server has received it; names with the words * and > are patterns, to subscribe to only',
  },
  {
    to: 'omni-ipc/ipc-server',
    call: 'subscribe',
    says: 'a subscription continues after a reconnect, until unsubscribe()',
  },
  {
    to: 'omni-ipc/ipc-server',
    get: 'subscriptions',
    says: 'server.subscriptions is a copy; server.subscribe() and server.unsubscribe() change it',
  },
  // socket-ipc
  ...heard('omni-ipc/socket-ipc', ['error', 'connectError'], `the event ${SYSTEM_ERRORS}`),
  ...heard(
    'omni-ipc/socket-ipc',
    ['messageError'],
    'this event reports invalid JSON and errors of a transcoder, which do not end the process',
  ),
  ...heard('omni-ipc/socket-ipc', ['message.'], "an empty topic arrives as 'none'"),
  {
    to: 'omni-ipc/socket-ipc',
    create: 'Client',
    says: 'reconnectDelay is 100 ms by default, as documented; the default of socket-ipc is 1000 ms',
  },
  {
    to: 'omni-ipc/socket-ipc',
    call: 'close',
    says: "close() always emits 'close', also if the client or server never started",
  },
  // ipchannel
  ...heard('omni-ipc/channel', ['error'], `'error' ${SYSTEM_ERRORS}`),
  {
    to: 'omni-ipc/channel',
    call: 'send',
    says: "'undelivered' reports messages to a member that has left",
  },
];

/** The remark on a comparison with a system error code. */
export const CODE_COMPARED = 'error.code is an ERR_IPC_ code; the code of the system is error.cause.code';

/** The remark on a string with a style of node-ipc's examples. */
export const STYLED = "strings have styles only after import 'omni-ipc/styles'";
