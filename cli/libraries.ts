/** A library that this package replaces. */
export interface Library {
  /** The module name that replaces it in imports. */
  readonly to: string;
  /** Its exported names that `to` exports, too, without `default`. */
  readonly names: readonly string[];
  /** Subpaths that are also its main entry point. */
  readonly entries: readonly string[];
  /** Subpaths that `to` has, too, with `.js` or without. They are deprecated. */
  readonly files?: readonly string[];
}

const NODE_IPC: Library = {
  to: 'omni-ipc',
  names: ['IPC', 'IPCModule', 'Client', 'Server', 'Config'],
  entries: ['node-ipc', 'node-ipc.js', 'node-ipc.cjs'],
  files: ['entities/Defaults', 'entities/EventParser', 'services/IPC'],
};

/** The libraries and their forks, by their package names. */
export const LIBRARIES: Readonly<Record<string, Library>> = {
  'node-ipc': NODE_IPC,
  '@achrinza/node-ipc': NODE_IPC,
  '@node-ipc/compat': NODE_IPC,
  '@node-ipc/node-ipc': NODE_IPC,
  'net-ipc': {
    to: 'omni-ipc/net-ipc',
    names: [
      'Client',
      'Server',
      'Connection',
      'ClientStatus',
      'ClientOptions',
      'ServerOptions',
      'ClientEvents',
      'ClientReadyEvent',
      'PromiseSettled',
      'ServerEvents',
    ],
    entries: ['src/index', 'src/index.js', 'src/index.mjs'],
  },
  '@isdk/ipc-server': {
    to: 'omni-ipc/ipc-server',
    names: [
      'IPCClient',
      'IPCServer',
      'IPCConnection',
      'IPCClientStatus',
      'IPCMessageType',
      'IPCEvents',
      'IPCClientEvents',
      'IPCClientOptions',
      'IPCServerOptions',
      'IPCErrorCode',
      'IPCNetServerEvents',
      'IPCNetSocketEvents',
      'IPCBaseConnection',
      'Event',
      'wait',
    ],
    entries: [],
  },
  '@crussell52/socket-ipc': {
    to: 'omni-ipc/socket-ipc',
    names: ['Client', 'Server', 'MessageError', 'MessageWrapper', 'Transcoder'],
    entries: ['src/index', 'src/index.js'],
  },
  ipchannel: { to: 'omni-ipc/channel', names: ['Channel'], entries: [] },
};

/** The packages whose API is that of this package's main entry point, so that an alias can take their place. */
export const ALIASED: readonly string[] = Object.keys(LIBRARIES).filter(
  (name) => LIBRARIES[name]?.to === NODE_IPC.to,
);

/** Packages of types for these libraries, which are no longer needed. */
export const TYPES: readonly string[] = ['@types/node-ipc', '@types/achrinza__node-ipc'];

/** The entry point that replaces a package; undefined if the package is not one of the libraries. */
export function replacementOf(name: string): string | undefined {
  return Object.hasOwn(LIBRARIES, name) ? LIBRARIES[name]?.to : undefined;
}

/** Finds the library of a module specifier, and the subpath. */
export function libraryOf(specifier: string): { name: string; library: Library; path: string } | undefined {
  for (const [name, library] of Object.entries(LIBRARIES)) {
    if (specifier === name) return { name, library, path: '' };
    if (specifier.startsWith(`${name}/`)) return { name, library, path: specifier.slice(name.length + 1) };
  }
  return undefined;
}
