import type { Socket as NodeDatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';

/** Node's socket of a stream connection; a TLSSocket over TLS. */
export type StreamSocket = Socket;

/** A peer's socket; `id` is the label it gave itself in a payload (`config.identifyPeer`), never an identity. */
export type PeerSocket = StreamSocket & { id?: unknown };

/** What a server listens with: Node's own server or, over UDP, its socket. */
export type ListenerOf<Remote> = Remote extends PeerSocket ? Server : NodeDatagramSocket;

/** Over UDP there is always a port, and for a path none. */
export type PortOf<Remote> = Remote extends PeerSocket ? number | undefined : number;
