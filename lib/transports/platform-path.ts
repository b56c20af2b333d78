import { IPCError } from '../../entities/errors.js';

const PIPE = '\\\\.\\pipe\\';

/** The longest path of a Unix socket, in bytes: the size of `sun_path` without the final NUL. */
export const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/** The longest name of a Windows pipe, including its prefix, in UTF-16 code units. */
const LONGEST_PIPE = 256;

/**
 * Converts a path for the platform. On Windows a Unix path becomes a pipe name in the way of node-ipc 9 (`/tmp/app.world`
 * becomes `\\.\pipe\tmp-app.world`); a pipe name stays unchanged.
 */
export function platformPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32' || /^[\\/]{2}[.?][\\/]pipe[\\/]/i.test(path)) return path;
  return PIPE + path.replace(/^\//, '').replaceAll('/', '-');
}

/**
 * Checks a path, since the system truncates an invalid one or reports an error that does not explain it.
 * @param remedy what to do if the path is too long
 * @throws IPCError ERR_IPC_ADDRESS if the path cannot be that of a socket
 */
export function checkPath(
  path: string,
  platform: NodeJS.Platform = process.platform,
  remedy = 'Choose a shorter config.socketRoot, config.appspace or id.',
): void {
  const windows = platform === 'win32';
  if (path.startsWith('\0') && platform !== 'linux' && platform !== 'android') {
    const message = `The path @${path.slice(1)} is that of an abstract socket, which only Linux has; choose a path of a file.`;
    throw new IPCError('ERR_IPC_ADDRESS', message);
  }
  const length = windows ? path.length : Buffer.byteLength(path);
  const most = windows ? LONGEST_PIPE : LONGEST_PATH;
  if (length <= most) return;
  const [what, unit] = windows ? ['name of the pipe', 'characters'] : ['socket path', 'bytes'];
  throw new IPCError(
    'ERR_IPC_ADDRESS',
    `The ${what} ${path} has ${length} ${unit}; this system allows ${most}. ${remedy}`,
  );
}
