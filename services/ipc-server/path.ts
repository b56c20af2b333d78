import { tmpdir } from 'node:os';

const DEFAULT_PATH = 'isdk-ipc';

/**
 * Where `@isdk/ipc-server` has a socket of this name: a name that begins with neither `/` nor `.` is in the system's directory
 * for temporary files, and on Windows every name is a pipe's. Abstract sockets and pipes keep their names.
 */
export function socketPath(path = DEFAULT_PATH, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return isPipe(path) ? path : `//./pipe/${path.replace(/^\//, '')}`;
  return /^[/.\0]/.test(path) ? path : `${tmpdir()}/${path}`;
}

function isPipe(path: string): boolean {
  return /^[\\/]{2}[.?][\\/]pipe[\\/]/i.test(path);
}

/** Options whose `path` is where the socket is; with the default one, unless they say that it is `elsewhere`. */
export function withPath<Options extends { path?: string | undefined }>(
  options: Options,
  elsewhere: boolean,
): Options {
  const { path } = options;
  if (path === undefined || path === null) return elsewhere ? options : { ...options, path: socketPath() };
  return typeof path === 'string' && path !== '' ? { ...options, path: socketPath(path) } : options;
}
