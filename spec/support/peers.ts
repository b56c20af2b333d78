import { connect, createServer, type NetConnectOpts, type Server as NetServer, Socket } from 'node:net';
import { afterwards } from './afterwards.js';
import { once } from './events.js';
import { freshPath } from './places.js';
import { Watch } from './watch.js';

/** A bare socket, like that of an old node-ipc, a C program or an attacker. It keeps every received byte. */
export class Peer {
  readonly socket: Socket;
  bytes = Buffer.alloc(0);
  #ended = false;
  readonly #watch = new Watch();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {}); // 'close' follows
    socket.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      this.#watch.changed();
    });
    for (const type of ['end', 'close']) {
      socket.on(type, () => {
        this.#ended = true;
        this.#watch.changed();
      });
    }
    afterwards(() => socket.destroy());
  }

  /** The received bytes as text. */
  get text(): string {
    return this.bytes.toString();
  }

  /** The packets received so far, in node-ipc's frames. */
  get packets(): { type: string; data: unknown; id?: number; re?: number; error?: unknown }[] {
    return this.text
      .split('\f')
      .slice(0, -1)
      .map((frame) => JSON.parse(frame));
  }

  /** Writes text or bytes unchanged. */
  write(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Writes a packet as node-ipc does. */
  emit(type: string, data?: unknown, more: object = {}): this {
    return this.write(`${JSON.stringify({ type, data, ...more })}\f`);
  }

  /** Waits until a number of packets have come, and returns all of them. */
  async receive(count: number): Promise<Peer['packets']> {
    await this.until(() => this.packets.length >= count, `${count} packets`);
    return this.packets;
  }

  /** Waits until the other side has ended. */
  ended(): Promise<void> {
    return this.until(() => this.#ended, 'the end');
  }

  /** Waits until the received data meet a condition. */
  until(wanted: () => boolean, what: string, timeout?: number): Promise<void> {
    const found = () => `, but ${this.bytes.length} bytes: ${this.text.slice(0, 200)}`;
    return this.#watch.until(wanted, what, timeout, found);
  }
}

/** The address of one of our servers, or of a bare one. */
export interface Place {
  readonly path: string;
  readonly port?: number | undefined;
}

/** Connects a bare socket to a server over a local socket or TCP. */
export async function barePeer(place: Place, options: Partial<NetConnectOpts> = {}): Promise<Peer> {
  const { path, port } = place;
  const target = port === undefined ? { path } : { host: path, port };
  const peer = new Peer(connect({ ...target, ...options } as NetConnectOpts));
  await once(peer.socket, 'connect');
  return peer;
}

/** A bare server on a fresh path, or over TCP, with the sockets that it has accepted. */
export class BareServer implements Place {
  path: string;
  port: number | undefined;
  readonly peers: Peer[] = [];
  readonly server: NetServer;
  #waiting: (() => void)[] = [];

  /** @param options TCP has half-closed connections on every platform; Windows pipes have none */
  constructor({ tcp = false, ...options }: { allowHalfOpen?: boolean; tcp?: boolean } = {}) {
    this.path = tcp ? '127.0.0.1' : freshPath('bare');
    this.port = tcp ? 0 : undefined;
    this.server = createServer(options, (socket) => {
      this.peers.push(new Peer(socket));
      for (const look of this.#waiting.splice(0)) look();
    });
    afterwards(() => this.close());
  }

  async listen(): Promise<this> {
    if (this.port === undefined) this.server.listen(this.path);
    else this.server.listen(this.port, this.path);
    await once(this.server, 'listening');
    const address = this.server.address();
    if (typeof address === 'object') this.port = address?.port;
    return this;
  }

  /** Waits for the accepted socket with the number `index`. */
  async peer(index = 0): Promise<Peer> {
    while (this.peers.length <= index) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    return this.peers[index] as Peer;
  }

  /** Ends every connection and stops listening. */
  async close(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy();
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }
}

/** Forwards bytes between clients and a server, and can cut every connection. */
export class Cutter implements Place {
  readonly path = freshPath('cutter');
  /** The number of connections so far. */
  connections = 0;
  /** Whether new connections are accepted and then ignored, as by a process that does not respond. */
  silent = false;
  readonly #to: Place;
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void)[] = [];

  constructor(to: Place) {
    this.#to = to;
    this.#server = createServer((socket) => this.#pass(socket));
    afterwards(() => this.close());
  }

  async listen(): Promise<this> {
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
    return this;
  }

  /** Waits until a number of connections were accepted. On Windows a client is connected earlier. */
  async taken(count: number): Promise<void> {
    while (this.connections < count) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Writes to every connection. */
  write(text: string): void {
    for (const socket of this.#sockets) socket.write(text);
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #pass(near: Socket): void {
    this.connections++;
    for (const look of this.#waiting.splice(0)) look();
    if (this.silent) {
      this.#sockets.add(near.on('error', () => {}).resume());
      return;
    }
    const far = new Socket();
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    const { path, port } = this.#to;
    far.connect(port === undefined ? { path } : { host: path, port });
    near.pipe(far).pipe(near);
  }
}
