import { fs } from '../../lib/lazy-modules.js';
import type { Rendezvous } from './rendezvous.js';

/** How Linux marks a socket that accepts connections. */
const ACCEPTS = ' 00010000 ';

/**
 * The numbers on whose sockets processes of this machine listen, as Linux lists them. A process in another network
 * namespace is missing, so other numbers may be held, too.
 * @returns undefined if the system has no such list
 */
export function listeningNumbers(rendezvous: Rendezvous): ReadonlySet<number> | undefined {
  if (process.platform !== 'linux') return undefined;
  let sockets: string;
  try {
    sockets = fs.readFileSync('/proc/net/unix', 'utf8');
  } catch {
    return undefined;
  }
  const prefix = rendezvous.number(0).slice(0, -1);
  const numbers = new Set<number>();
  for (const socket of sockets.split('\n')) {
    const start = socket.indexOf(prefix);
    if (start === -1 || !socket.includes(ACCEPTS)) continue;
    const number = Number(socket.slice(start + prefix.length));
    if (number > 0) numbers.add(number);
  }
  return numbers;
}
