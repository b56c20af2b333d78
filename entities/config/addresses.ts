import { hostname } from 'node:os';
import { filled, looseNumber, type Settings, text, whole } from './setting.js';

/** Where servers listen and clients connect, unless a call names the place. */
export interface AddressConfig {
  /**
   * Part of a path, to keep applications apart: a socket is at `socketRoot + appspace + id`.
   * @default 'app.'
   */
  appspace: string;
  /**
   * The directory of the sockets. A directory of your own is safer than one that everybody can write to.
   * @default '/tmp/'
   */
  socketRoot: string;
  /** This process's name, and the last part of its server's path. @default the host name */
  id: string;
  /**
   * The host where none is given; a server that is told `localhost` listens on `127.0.0.1`.
   * @default 'localhost'
   */
  networkHost: string;
  /** The port where none is given, from 0 to 65535; a server on 0 gets a free one. @default 8000 */
  networkPort: number;
}

const HOST = 'localhost';
const PORT = 8000;

export const ADDRESSES: Settings<AddressConfig> = {
  appspace: { default: 'app.', check: text, expected: 'a string' },
  socketRoot: { default: '/tmp/', check: text, expected: 'a string, the directory of the sockets' },
  id: {
    get default() {
      return hostname();
    },
    check: filled,
    expected: 'a string that is not empty',
    normalize: (value) => (typeof value === 'number' ? String(value) : value),
  },
  networkHost: { default: HOST, check: filled, expected: 'a host name or an IP address', unset: HOST },
  networkPort: {
    default: PORT,
    check: whole(0, 65_535),
    expected: 'a port, from 0 to 65535',
    normalize: looseNumber,
    unset: PORT,
  },
};
