import type { ClientInspection, Listed, ServerInspection } from '../../lib/inspection.js';
import type { ChannelInspection } from '../channel/inspection.js';

/** A client, server or channel of a process, with a number that stays the same for its lifetime. */
export type InstanceReport = (ClientInspection | ServerInspection | ChannelInspection) & {
  readonly ref: number;
};

/** The report of an inspected process or of a worker thread. */
export interface ProcessReport {
  /** The id of the process. */
  readonly pid: number;
  /** 0 for the main thread. */
  readonly thread: number;
  /** The id of the parent process. */
  readonly parent: number;
  /** The script that it runs, with the last two parts of its path. */
  readonly program: string;
  /** The version of Node. */
  readonly node: string;
  /** When the process started, in milliseconds since 1970. */
  readonly since: number;
  /** When this report was made, in milliseconds since 1970. */
  readonly time: number;
  /** The used memory, in bytes. */
  readonly memory: number;
  /** The CPU time since the start, in milliseconds. */
  readonly cpu: number;
  /** The event loop utilization since the last report, from 0 to 1. */
  readonly busy: number;
  /** Its clients, servers and channels. */
  readonly instances: Listed<InstanceReport>;
}
