/** A pattern in source code that shows a place where the behaviour differs. */
export interface Difference {
  /** The entry point that it applies to. */
  readonly to: string;
  /** The name of a called method, alone or with one of these texts as its first argument. */
  readonly call?: string;
  readonly with?: readonly string[];
  /** The name of a property that is set, or of an option. */
  readonly set?: string;
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

const SYSTEM_ERRORS = 'gets an IPCError; the code of the system is in error.cause.code';
const LIVE_PATH = 'rejects with ERR_IPC_IN_USE where a server lives at the path, instead of taking it away';

/** The rows of the tables in docs/migrating.md that can be recognized in source code. */
export const DIFFERENCES: readonly Difference[] = [
  // node-ipc
  ...heard('omni-ipc', ['error'], `'error' ${SYSTEM_ERRORS}`),
  ...heard(
    'omni-ipc',
    ['close'],
    "a server's 'close' means that the server has stopped; a client that is gone is 'disconnect' or 'socket.disconnected'",
  ),
  { to: 'omni-ipc', call: 'serve', says: `start() ${LIVE_PATH} (unlink: 'force' for that)` },
  { to: 'omni-ipc', call: 'stop', says: 'stop() also ends the connections, so that the process can end' },
  { to: 'omni-ipc', call: 'disconnect', says: 'what was emitted is sent first; client.destroy() drops it' },
  {
    to: 'omni-ipc',
    call: 'publish',
    says: 'publish() sends under a topic; trigger() calls the handlers of this process',
  },
  {
    to: 'omni-ipc',
    call: 'emit',
    with: RESERVED,
    says: 'a message with the name of an event is ignored by the receiver (ERR_IPC_RESERVED); rename it, or set allowReservedEvents',
  },
  {
    to: 'omni-ipc',
    set: 'tls',
    says: 'TLS needs a certificate of your own in config.tls, and connect comes after the handshake',
  },
  {
    to: 'omni-ipc',
    set: 'delimiter',
    says: 'a delimiter needs a character that JSON does not use itself, else ERR_IPC_CONFIG',
  },
  { to: 'omni-ipc', set: 'rawBuffer', says: 'raw bytes over UDP arrive as they are, not as text' },
  {
    to: 'omni-ipc',
    set: 'networkHost',
    says: "the default host is 'localhost', of which clients try both families",
  },
  { to: 'omni-ipc', set: 'logger', says: 'the log has no payloads unless logPayloads is set' },
  // net-ipc, and ipc-server, which has the same protocol
  ...['omni-ipc/net-ipc', 'omni-ipc/ipc-server'].flatMap((to): Difference[] => [
    ...['send', 'request', 'ping'].map((call) => ({
      to,
      call,
      says: `${call}() rejects with an IPCError at once where it cannot be sent, instead of resolving with an Error`,
    })),
    ...heard(
      to,
      ['error'],
      `'error' ${SYSTEM_ERRORS}; without a listener what another listener throws is uncaught`,
    ),
    ...heard(
      to,
      ['status'],
      'while it reconnects, status goes RECONNECTING, CONNECTED, READY, without IDLE and CONNECTING',
    ),
    { to, call: 'start', says: `start() ${LIVE_PATH} (unlink: 'force' for that)` },
    { to, call: 'close', says: 'close() waits for the answers of open requests; destroy() does not' },
    {
      to,
      call: 'broadcast',
      says: 'broadcast() sends to all at once, and drops a client that does not read',
    },
    { to, set: 'port', says: 'port: 0 is any free port, not the default path' },
    { to, set: 'tls', says: 'TLS goes over TCP only; with a path it is refused' },
    { to, set: 'compress', says: 'without fast-zlib connect() rejects with ERR_IPC_MISSING_PACKAGE' },
    { to, set: 'messagepack', says: 'without msgpackr connect() rejects with ERR_IPC_MISSING_PACKAGE' },
    { to, set: 'retries', says: 'retries counts exactly; one more for the old behaviour' },
  ]),
  {
    to: 'omni-ipc/ipc-server',
    call: 'publish',
    says: 'publish() resolves when the server has it; * and > are patterns in a subscription',
  },
  {
    to: 'omni-ipc/ipc-server',
    call: 'subscribe',
    says: 'a subscription lasts over reconnects, until unsubscribe()',
  },
  // socket-ipc
  ...heard('omni-ipc/socket-ipc', ['error', 'connectError'], `the event ${SYSTEM_ERRORS}`),
  ...heard(
    'omni-ipc/socket-ipc',
    ['messageError'],
    'bad JSON and transcoder errors come here instead of ending the process',
  ),
  ...heard('omni-ipc/socket-ipc', ['message.'], "an empty topic arrives as 'none'"),
  {
    to: 'omni-ipc/socket-ipc',
    create: 'Client',
    says: 'reconnectDelay is 100 ms where it is not given, as documented',
  },
  {
    to: 'omni-ipc/socket-ipc',
    call: 'close',
    says: "close() always ends with 'close', before a connection too",
  },
  // ipchannel
  ...heard('omni-ipc/channel', ['error'], `'error' ${SYSTEM_ERRORS}`),
  {
    to: 'omni-ipc/channel',
    call: 'send',
    says: 'a message to a peer that is gone is told of by undelivered',
  },
];

/** The remark on a comparison with a system error code. */
export const CODE_COMPARED = 'error.code is an ERR_IPC_ code; the code of the system is error.cause.code';
