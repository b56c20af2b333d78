import { lookup } from 'node:dns/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type Client, type DatagramServer, type Endpoint, IPCError, type RequestOptions } from '../index.js';
import { type Address, formatAddress } from './address.js';
import { durationOf } from './arguments.js';
import type { Values } from './command.js';
import { clientIPC, configFault } from './settings.js';

/** The other side at an address: a server, or a peer over UDP. */
export interface Remote {
  /** The client that is connected to it; undefined over UDP. */
  readonly client: Client | undefined;
  emit(type: string, data: unknown): Promise<void>;
  request(type: string, data: unknown, options?: RequestOptions): Promise<unknown>;
  /**
   * Sends what is queued, and disconnects.
   * @throws IPCError if something could not be sent
   */
  close(): Promise<void>;
}

export interface RemoteOptions {
  readonly raw?: boolean;
  /** Whether to reconnect when the connection is lost. */
  readonly reconnect?: boolean;
}

/** How many bytes may be queued before the command stops reading input. */
const MOST_PENDING = 1024 * 1024;
const RETRY_MS = 50;

/**
 * Connects to an address.
 * @throws UsageError; IPCError if it cannot connect
 */
export async function connect(
  address: Address,
  values: Values,
  signal: AbortSignal,
  options: RemoteOptions = {},
): Promise<Remote> {
  try {
    if (address.transport === 'udp4' || address.transport === 'udp6')
      return await datagrams(address, values, options);
    return await stream(address, values, signal, options);
  } catch (error) {
    throw configFault(error);
  }
}

async function stream(
  address: Address,
  values: Values,
  signal: AbortSignal,
  options: RemoteOptions,
): Promise<Remote> {
  const ipc = clientIPC(address, values);
  const patience = durationOf(values, 'wait') ?? 0;
  ipc.config.rawBuffer = options.raw === true;
  ipc.config.retry = RETRY_MS;
  ipc.config.maxRetries = patience > 0 ? false : 0;
  const id = formatAddress(address);
  const client =
    address.transport === 'unix'
      ? ipc.connectTo(id, address.path)
      : ipc.connectToNet(id, address.host, address.port);
  const faults: IPCError[] = [];
  client.on('error', (error) => {
    faults.push(error);
    if (faults.length > 100) faults.shift();
  });
  const stopRetrying = () => {
    ipc.config.stopRetrying = true;
  };
  // An attempt that runs by then may succeed within --timeout.
  const impatient = patience > 0 ? setTimeout(stopRetrying, patience) : undefined;
  await connected(client, patience, durationOf(values, 'timeout') ?? 10_000, signal, faults).finally(() =>
    clearTimeout(impatient),
  );
  faults.length = 0;
  if (options.reconnect !== true) stopRetrying();
  return {
    client,
    async emit(type, data) {
      while (client.connected && client.stats().pendingBytes > MOST_PENDING) await wait(5);
      const taken = options.raw === true ? client.emit(data as Uint8Array) : client.emit(type, data);
      if (!taken) throw faults.at(-1) ?? new IPCError('ERR_IPC_CLOSED', `${id} has closed the connection.`);
    },
    request: (type, data, how) => client.request(type, data, how),
    async close() {
      await client.close();
      const unsent = faults.find(({ code }) => code === 'ERR_IPC_UNSENT');
      if (unsent !== undefined) throw unsent;
    },
  };
}

/** Waits until the client is connected, within the limits of --wait and --timeout. */
async function connected(
  client: Client,
  patience: number,
  timeout: number,
  signal: AbortSignal,
  faults: readonly IPCError[],
): Promise<void> {
  const limit = patience + timeout;
  const late = () => {
    const cause = faults.at(-1);
    const why = cause === undefined ? 'nothing answered' : cause.message;
    return new IPCError('ERR_IPC_CONNECT', `No connection within ${limit} ms: ${why}`, { cause });
  };
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      done();
      client.destroy();
      reject(error);
    };
    const aborted = () => fail(new IPCError('ERR_IPC_ABORTED', 'Interrupted before there was a connection.'));
    const timer = timeout > 0 || patience > 0 ? setTimeout(() => fail(late()), limit) : undefined;
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
    client.ready().then(() => {
      done();
      resolve();
    }, fail);
  });
}

async function datagrams(
  address: Extract<Address, { port: number }>,
  values: Values,
  options: RemoteOptions,
): Promise<Remote> {
  const ipc = clientIPC(address, values);
  ipc.config.rawBuffer = options.raw === true;
  const family = address.transport as 'udp4' | 'udp6';
  const any = family === 'udp4' ? '0.0.0.0' : '::';
  const server: DatagramServer = ipc.serveNet(any, 0, family);
  const peer: Endpoint = { address: await ipOf(address.host, family), port: address.port };
  let fault: IPCError | undefined;
  server.on('error', (error) => {
    fault = error;
  });
  await server.start();
  return {
    client: undefined,
    async emit(type, data) {
      const taken =
        options.raw === true ? server.emit(peer, data as Uint8Array) : server.emit(peer, type, data);
      if (!taken) throw fault ?? new IPCError('ERR_IPC_UNSENT', 'The datagram was not accepted.');
    },
    request: (type, data, how) => server.request(peer, type, data, how),
    async close() {
      await server.stop();
      if (fault !== undefined) throw fault;
    },
  };
}

/** Resolves a host: UDP peers are identified by their IP addresses. */
async function ipOf(host: string, family: 'udp4' | 'udp6'): Promise<string> {
  try {
    return (await lookup(host, family === 'udp4' ? 4 : 6)).address;
  } catch (cause) {
    throw new IPCError('ERR_IPC_ADDRESS', `There is no host ${host} with an address for ${family}.`, {
      cause,
    });
  }
}
