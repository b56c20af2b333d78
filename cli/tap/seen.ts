/** The sender. */
export type Side = 'client' | 'server';

/** What was decoded of one packet, or of malformed bytes. */
export interface Seen {
  /** The size on the wire, in bytes. */
  readonly size: number;
  readonly type?: string;
  readonly data?: unknown;
  readonly id?: unknown;
  readonly re?: unknown;
  readonly error?: unknown;
  readonly meta?: unknown;
  /** The bytes in base64, if they are not a packet. */
  readonly bytes?: string;
  /** Why they are not a packet, or what is not shown. */
  readonly note?: string;
}

/** Reads one direction of a connection. It never throws. */
export interface Reader {
  push(bytes: Buffer): Seen[];
}
