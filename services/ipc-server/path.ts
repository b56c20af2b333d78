import { tmpdir } from 'node:os';

const DEFAULT_PATH = 'isdk-ipc';

/**
 * The socket path for a name, as in `@isdk/ipc-server`: a name that starts with neither `/` nor `.` is in the system's
 * temporary directory; on Windows every name becomes a pipe's. Abstract sockets and pipe names are unchanged.
 */
export function namedPath(path = DEFAULT_PATH, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return isPipe(path) ? path : `//./pipe/${path.replace(/^\//, '')}`;
  return /^[/.\0]/.test(path) ? path : `${tmpdir()}/${path}`;
}

function isPipe(path: string): boolean {
  return /^[\\/]{2}[.?][\\/]pipe[\\/]/i.test(path);
}

/**
 * Sets `path` in the options to the path of the socket, or to the default path unless an option of another transport
 * (`elsewhere`) is set.
 */
export function withPath<Options extends { path?: string | undefined }>(
  options: Options,
  elsewhere: readonly (keyof Options)[],
): Options {
  // Anything else is refused where the options are checked.
  if (typeof options !== 'object' || options === null) return options;
  const path = options.path ?? undefined;
  if (path !== undefined)
    return typeof path === 'string' && path !== '' ? { ...options, path: namedPath(path) } : options;
  const set = elsewhere.some((key) => (options[key] ?? undefined) !== undefined);
  return set ? options : { ...options, path: namedPath() };
}
