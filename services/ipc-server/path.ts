import { tmpdir } from 'node:os';

const DEFAULT_PATH = 'isdk-ipc';

/**
 * The socket path for a name, as in `@isdk/ipc-server`: a name that starts with neither `/` nor `.` is in the system's
 * temporary directory; on Windows every name becomes a pipe's. Abstract sockets and pipe names are unchanged.
 */
export function socketPath(path = DEFAULT_PATH, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return isPipe(path) ? path : `//./pipe/${path.replace(/^\//, '')}`;
  return /^[/.\0]/.test(path) ? path : `${tmpdir()}/${path}`;
}

function isPipe(path: string): boolean {
  return /^[\\/]{2}[.?][\\/]pipe[\\/]/i.test(path);
}

/**
 * Sets `path` in the options to the path of the socket, or to the default path unless the options select another transport
 * (`elsewhere`).
 */
export function withPath<Options extends { path?: string | undefined }>(
  options: Options,
  elsewhere: boolean,
): Options {
  const { path } = options;
  if (path === undefined || path === null) return elsewhere ? options : { ...options, path: socketPath() };
  return typeof path === 'string' && path !== '' ? { ...options, path: socketPath(path) } : options;
}
