/** A library that this package takes over from. */
export interface Library {
  /** What its imports become. */
  readonly to: string;
  /** Names that it exports and that `to` exports as well; `default` is left out. */
  readonly names: readonly string[];
  /** Paths inside of it that are its main entry too. */
  readonly entries: readonly string[];
}

const NODE_IPC: Library = {
  to: 'omni-ipc',
  names: ['IPC', 'Client', 'Server', 'Config'],
  entries: ['node-ipc', 'node-ipc.js', 'node-ipc.cjs'],
};

/** By the names that they are installed under. */
export const LIBRARIES: Readonly<Record<string, Library>> = {
  'node-ipc': NODE_IPC,
  '@achrinza/node-ipc': NODE_IPC,
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
      'Event',
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

/** Packages with the types of one of them, of which none is needed any more. */
export const TYPES: readonly string[] = ['@types/node-ipc', '@types/achrinza__node-ipc'];

/** The library that a module's name means, and the path in it. */
export function libraryOf(specifier: string): { name: string; library: Library; path: string } | undefined {
  for (const [name, library] of Object.entries(LIBRARIES)) {
    if (specifier === name) return { name, library, path: '' };
    if (specifier.startsWith(`${name}/`)) return { name, library, path: specifier.slice(name.length + 1) };
  }
  return undefined;
}
