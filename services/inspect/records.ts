/** The options of watching a process; all are optional. */
export interface WatchOptions {
  /** How many packets per second are reported; the others are only counted. @default 200, at most 10,000 */
  readonly packets?: number;
  /** How many finished requests per second are reported. @default 200, at most 10,000 */
  readonly calls?: number;
  /** Whether to report the start of each payload. @default false */
  readonly payloads?: boolean;
  /** Milliseconds between two batches. @default 250, from 50 to 10,000 */
  readonly interval?: number;
}

/** One packet. Peers choose the type and the payload: escape them. */
export interface PacketRecord {
  /** Milliseconds since 1970, with fractions. */
  readonly time: number;
  /** Whether it was received or sent. */
  readonly direction: 'in' | 'out';
  /** The side that this process has on the connection. */
  readonly side: 'client' | 'server';
  /** The number of the client, server or channel whose connection it was. */
  readonly ref?: number;
  /** The name of the event or request. */
  readonly type: string;
  /** The id, if it is a request. */
  readonly id?: number | string;
  /** The id of the request that it answers. */
  readonly re?: number | string;
  /** The code or name of the error in the packet. */
  readonly error?: string;
  /** The start of its payload as JSON. */
  readonly data?: string;
}

/** A finished request. */
export interface CallRecord {
  /** Whether this process sent the request (`asked`) or handled it. */
  readonly kind: 'asked' | 'handled';
  /** The number of the client, server or channel. */
  readonly ref?: number;
  /** The name of the request. */
  readonly type: string;
  /** Its id on the connection. */
  readonly id: number | string;
  /** When it started, in milliseconds since 1970 with fractions. */
  readonly began: number;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
  /** The code or name of its error. */
  readonly error?: string;
}

/** What the handlers of a type did since the last batch. */
export interface HandlerFigures {
  /** The name of the requests. */
  readonly type: string;
  /** How many requests the handlers have answered. */
  readonly count: number;
  /** How many of these failed. */
  readonly failed: number;
  /** The total duration, in milliseconds. */
  readonly total: number;
  /** The longest duration, in milliseconds. */
  readonly most: number;
}

/** What happened since the last batch. */
export interface WatchBatch {
  /** When the batch was made, in milliseconds since 1970. */
  readonly time: number;
  /** The number of received packets, including those that are not reported. */
  readonly packetsIn: number;
  /** The number of sent packets, including those that are not reported. */
  readonly packetsOut: number;
  /** The reported packets. */
  readonly packets: readonly PacketRecord[];
  /** The reported requests that have finished. */
  readonly calls: readonly CallRecord[];
  /** The figures of the handlers that ran. */
  readonly handlers: readonly HandlerFigures[];
}
