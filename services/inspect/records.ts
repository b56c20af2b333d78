/** The options of watching a process; all are optional. */
export interface WatchOptions {
  /** How many packets per second are reported; the others are only counted. Default: 200, at most 10,000. */
  readonly packets?: number;
  /** How many finished requests per second are reported. Default: 200, at most 10,000. */
  readonly calls?: number;
  /** Whether to report the start of each payload. Default: false. */
  readonly payloads?: boolean;
  /** Milliseconds between two batches. Default: 250, from 50 to 10,000. */
  readonly interval?: number;
}

/** One packet. Peers choose the type and the payload: escape them. */
export interface PacketRecord {
  /** Milliseconds since 1970, with fractions. */
  readonly time: number;
  readonly direction: 'in' | 'out';
  readonly side: 'client' | 'server';
  /** The number of the client, server or channel whose connection it was. */
  readonly ref?: number;
  readonly type: string;
  readonly id?: number | string;
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
  readonly ref?: number;
  readonly type: string;
  readonly id: number | string;
  /** When it started, in milliseconds since 1970 with fractions, and how long it took in milliseconds. */
  readonly began: number;
  readonly milliseconds: number;
  readonly error?: string;
}

/** What the handlers of a type did since the last batch. */
export interface HandlerFigures {
  readonly type: string;
  readonly count: number;
  readonly failed: number;
  /** The total duration and the longest duration, in milliseconds. */
  readonly total: number;
  readonly most: number;
}

/** What happened since the last batch. */
export interface WatchBatch {
  readonly time: number;
  /** All packets, including those that are not reported. */
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly packets: readonly PacketRecord[];
  readonly calls: readonly CallRecord[];
  readonly handlers: readonly HandlerFigures[];
}
