import type { Address } from '../../entities/address.js';
import { port } from './port.js';
import { stream } from './stream.js';
import { tcp } from './tcp.js';
import { tls } from './tls.js';
import type { Transport } from './transport.js';
import { udp } from './udp.js';
import { unix } from './unix.js';

/** All transports, by the name in `address.transport`. */
const TRANSPORTS: Record<Address['transport'], Transport<never, never>> = {
  unix: stream(unix),
  tcp: stream(tcp),
  tls: stream(tls),
  udp,
  port,
};

/** The transport of an address. */
export function transportOf(address: Address): Transport {
  return TRANSPORTS[address.transport] as Transport;
}
