import { once } from 'node:events';
import { isIP } from 'node:net';
import { nodeDgram, nodeDns } from '../builtin.js';
import { listenFailure } from './failure.js';
import { bindHost } from './tcp.js';
/** The longest datagram's payload over IPv4, in bytes. */
export const LONGEST_DATAGRAM = 65_507;
/** Looks a name up; an IP address is found at once, so that what is sent right before the process exits is sent. */
function find(host, options, found) {
    const family = isIP(host);
    if (family !== 0)
        found(null, host, family);
    else
        nodeDns().lookup(host, options, found);
}
/**
 * Opens a socket that receives and sends datagrams.
 * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_LISTEN (rejects)
 */
export async function bindDatagrams(address) {
    const socket = nodeDgram().createSocket({ type: address.family, lookup: find });
    const family = address.family === 'udp4' ? 4 : 6;
    try {
        const bound = once(socket, 'listening');
        socket.bind(address.port, udpHost(address.host, family));
        await bound;
    }
    catch (error) {
        socket.close();
        throw listenFailure(error, address);
    }
    return socket;
}
/** As node-ipc 9: the IPv6 loopback is the IPv4 one to an IPv4 socket. */
function udpHost(host, family) {
    if (family === 4 && host === '::1')
        return '127.0.0.1';
    return bindHost(host, family);
}
//# sourceMappingURL=udp.js.map