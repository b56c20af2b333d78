import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTLS } from 'node:tls';
import { afterwards } from '../support/afterwards.js';
import { within } from './promise.js';
import type { Target } from './target.js';

/** The time in milliseconds that a server may take to disconnect an enemy. It is much longer than the server's timeouts. */
const PATIENCE = 60_000;

/** A bare socket to a target, which may send anything. */
export class Enemy {
  readonly socket: Socket;
  readonly #closed: Promise<void>;

  /** @param bare whether it does not use TLS with a server that requires it */
  constructor(
    target: Target,
    { bare = false, ...options }: { bare?: boolean; allowHalfOpen?: boolean } = {},
  ) {
    const { path, port } = target;
    const where = { ...options, ...(port === undefined ? { path } : { host: path, port }) } as NetConnectOpts;
    this.socket =
      target.over === 'tls' && !bare ? connectTLS({ ...where, rejectUnauthorized: false }) : connect(where);
    this.socket.on('error', () => {}); // 'close' follows
    this.#closed = new Promise((resolve) => {
      this.socket.once('close', () => resolve());
    });
    afterwards(() => this.socket.destroy());
  }

  /** Writes, and waits until the kernel has accepted the bytes or the connection has ended. */
  write(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('close', resolve);
      this.socket.write(bytes, () => {
        this.socket.off('close', resolve);
        resolve();
      });
    });
  }

  /** Writes packets as node-ipc frames them. */
  say(...packets: object[]): Promise<void> {
    return this.write(packets.map((packet) => `${JSON.stringify(packet)}\f`).join(''));
  }

  /** Waits until the server has sent the text. */
  hear(text: string): Promise<void> {
    let heard = '';
    const found = new Promise<void>((resolve) => {
      this.socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1');
        if (heard.includes(text)) resolve();
        heard = heard.slice(-text.length);
      });
    });
    return within(PATIENCE, `hearing ${text.slice(0, 60)}`, found);
  }

  /** Waits until the server has disconnected it. */
  cutOff(why: string): Promise<void> {
    this.socket.resume();
    return within(PATIENCE, `to be cut off, ${why},`, this.#closed);
  }

  leave(): void {
    this.socket.destroy();
  }
}
