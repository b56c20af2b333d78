import { connect, createServer, Socket } from 'node:net';
import type { UnixAddress } from '../../entities/address.js';
import { IPCError } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';
import { sharesSocket } from './bind-file.js';
import { listenFailure } from './failure.js';
import { FileListener } from './file-listener.js';
import { listenerOf, listening } from './listener.js';
import { ownUser } from './own-directory.js';
import { checkPath, platformPath } from './platform-path.js';
import { onDisk } from './socket-file.js';
import { checkDirectoryOf } from './socket-root.js';
import type {
  DialOptions,
  ListenEvents,
  ListenOptions,
  StreamListener,
  StreamTransport,
} from './transport.js';

const windows = process.platform === 'win32';

/** A flag of `open(2)` that opens a file only to identify it. Node has no constant for it. */
const O_PATH = 0o10000000;

/** Creates a socket that fails with the given error, like a failed connection attempt. */
function failing(error: Error): Socket {
  const socket = new Socket();
  process.nextTick(() => socket.destroy(error));
  return socket;
}

/** Refuses a socket file of another user, since its owner is the process that answers. */
function checkOwner(path: string, owner: number): void {
  if (owner === ownUser()) return;
  const message = `The socket ${path} belongs to user ${owner}, and config.sameUser allows only this user's; check who runs the server.`;
  throw new IPCError('ERR_IPC_REFUSED', message);
}

/**
 * Connects to a file that this user owns, even if another user replaces it at the same time. On Linux it connects to the
 * very file that was checked; elsewhere it checks, once connected, that the file is still the same and was never moved.
 */
function dialOwn(path: string, extra: object): Socket {
  if (!onDisk(path)) {
    const message = `config.sameUser needs a socket with a file, to check its owner; ${path.replace(/^\0/, '@')} has none. Unset it, or use a path.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  if (process.platform === 'linux') return dialPinned(path, extra);
  return dialWatched(path, extra);
}

function dialPinned(path: string, extra: object): Socket {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, O_PATH);
  } catch (error) {
    return failing(error as Error);
  }
  try {
    checkOwner(path, fs.fstatSync(descriptor).uid);
    return connect({ ...extra, path: `/proc/self/fd/${descriptor}` });
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The variant for systems without /proc. */
export function dialWatched(path: string, extra: object = {}): Socket {
  const look = () => fs.statSync(path, { bigint: true });
  let before: ReturnType<typeof look>;
  try {
    before = look();
  } catch (error) {
    return failing(error as Error);
  }
  checkOwner(path, Number(before.uid));
  const socket = connect({ ...extra, path });
  socket.once('connect', () => {
    const after = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
    if (after?.ino === before.ino && after.ctimeNs === before.ctimeNs) return;
    const message = `The socket ${path} was replaced while this client connected (config.sameUser), so the connection is not used; check who can write to its directory.`;
    socket.destroy(new IPCError('ERR_IPC_REFUSED', message));
  });
  return socket;
}

function dial(address: UnixAddress, options: DialOptions): Socket {
  const path = platformPath(address.path);
  checkPath(path);
  checkDirectoryOf(path, options);
  const { allowHalfOpen } = options.interfaces;
  const extra = allowHalfOpen === undefined ? {} : { allowHalfOpen };
  return options.sameUser ? dialOwn(path, extra) : connect({ ...extra, path });
}

/** Listens on an address that is not a file, or on an inherited socket. The system ensures that only one server listens. */
async function bindName(
  address: UnixAddress,
  options: ListenOptions,
  events: ListenEvents<Socket>,
): Promise<StreamListener> {
  const { path, fd } = address;
  const { mode, group, readableAll, writableAll, exclusive, listenOptions } = options;
  const fileOnly = Object.entries({ mode, group }).find(([, value]) => value !== undefined);
  if (fileOnly !== undefined) {
    const others = windows
      ? 'a Windows pipe; use config.readableAll and config.writableAll'
      : 'an abstract socket; use a path';
    const what = fd === undefined ? others : 'a socket that listens already; set it where that is made';
    throw new IPCError('ERR_IPC_CONFIG', `config.${fileOnly[0]} is for socket files, not for ${what}.`);
  }
  if (windows && fd === undefined && sharesSocket(options)) {
    const message =
      'A worker of node:cluster cannot listen on a Windows pipe, which Node cannot share between processes; call serveNet, ' +
      'or serve in the primary process.';
    throw new IPCError('ERR_IPC_UNSUPPORTED', message);
  }
  const server = createServer({ ...options.serverOptions }, (socket) => events.socket(socket));
  const permissions = windows ? { readableAll, writableAll } : {};
  const where = fd === undefined ? { ...permissions, path } : { fd };
  await listening(server, { ...listenOptions, ...where, exclusive });
  server.on('error', (error) => events.error(error));
  return listenerOf(server);
}

async function listen(
  address: UnixAddress,
  options: ListenOptions,
  events: ListenEvents<Socket>,
): Promise<StreamListener> {
  const at = { ...address, path: platformPath(address.path) };
  checkPath(at.path);
  try {
    if (at.fd !== undefined || !onDisk(at.path)) return await bindName(at, options, events);
    return await new FileListener(at, options, events).open();
  } catch (error) {
    throw listenFailure(error, address);
  }
}

/** The directory of a socket file is checked later, when the server listens or the client connects. */
function unassured({ path, fd }: UnixAddress): string | undefined {
  if (fd !== undefined)
    return 'a socket that listens already is not in a directory that belongs to this user; give a path';
  if (windows) return 'the permissions of a Windows pipe cannot be checked; use TLS';
  return path.startsWith('\0') ? 'an abstract socket has no permissions; use a path' : undefined;
}

/** The transport over Unix sockets (including abstract ones of Linux) and Windows pipes. */
export const unix: StreamTransport<UnixAddress> = { ready: 'connect', dial, listen, unassured };
