import type { Socket as NodeDatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';

/** The socket of a stream connection; over TLS it is a TLSSocket. */
export type StreamSocket = Socket;

/**
 * The socket of a peer. `id` is a label that the peer chose for itself in a payload (`config.identifyPeer`), not an
 * authenticated identity.
 */
export type PeerSocket = StreamSocket & { id?: unknown };

/** The underlying listener of a server: a `net.Server` or, over UDP, a `dgram.Socket`. */
export type ListenerOf<Remote> = Remote extends PeerSocket ? Server : NodeDatagramSocket;

/** The port of a server. Over UDP it is always known; a Unix socket has none. */
export type PortOf<Remote> = Remote extends PeerSocket ? number | undefined : number;
