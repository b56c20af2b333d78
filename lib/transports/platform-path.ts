import { IPCError } from '../../entities/errors.js';

const PIPE = '\\\\.\\pipe\\';

/** The longest path of a Unix socket in bytes: what fits in a `sockaddr_un` beside its closing NUL. */
export const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/** The longest name of a Windows pipe, its prefix included, in UTF-16 code units. */
const LONGEST_PIPE = 256;

/**
 * The path that the platform wants: on Windows a pipe's name is made of a Unix path as node-ipc 9 makes it
 * (`/tmp/app.world` becomes `\\.\pipe\tmp-app.world`), anything that is a pipe's name already stays.
 */
export function platformPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32' || /^[\\/]{2}[.?][\\/]pipe[\\/]/i.test(path)) return path;
  return PIPE + path.replace(/^\//, '').replaceAll('/', '-');
}

/**
 * Checked here, since the system says nothing useful or cuts the path off.
 * @throws IPCError ERR_IPC_ADDRESS for a path that can never be a socket's
 */
export function checkPath(path: string, platform: NodeJS.Platform = process.platform): void {
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
    `The ${what} ${path} has ${length} ${unit}; this system allows ${most}. ` +
      'Choose a shorter config.socketRoot, config.appspace or id.',
  );
}
