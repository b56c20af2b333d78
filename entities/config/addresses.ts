import { hostname } from 'node:os';
import { filled, looseNumber, type Settings, text, whole } from './setting.js';

/** The default addresses of servers and clients. */
export interface AddressConfig {
  /**
   * A part of each socket's path that keeps applications apart: the path is `socketRoot + appspace + id`.
   * @default 'app.'
   */
  appspace: string;
  /**
   * The directory of the socket files. A private directory is safer than one that every user can write to.
   * @default '/tmp/'
   */
  socketRoot: string;
  /** The name of this process, and the last part of its server's path. @default the host name */
  id: string;
  /**
   * The host to use if a call names none. A server on `localhost` listens on `127.0.0.1`.
   * @default 'localhost'
   */
  networkHost: string;
  /** The port to use if a call names none, from 0 to 65535; with 0 a server gets a free port. @default 8000 */
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
