import type { ClientInspection, Listed, ServerInspection } from '../../lib/inspection.js';
import type { ChannelInspection } from '../channel/inspection.js';

/** A client, server or channel of a process, with the number that it keeps as long as it lives. */
export type InstanceReport = (ClientInspection | ServerInspection | ChannelInspection) & {
  readonly ref: number;
};

/** What an inspected process, or a worker thread of it, tells of itself. */
export interface ProcessReport {
  readonly pid: number;
  /** 0 for the main thread. */
  readonly thread: number;
  readonly parent: number;
  /** The file that it runs, with the last two parts of its path. */
  readonly program: string;
  readonly node: string;
  /** When the process began, and when this was told (milliseconds since 1970). */
  readonly since: number;
  readonly time: number;
  /** Memory in use in bytes, and processor time used until now in milliseconds. */
  readonly memory: number;
  readonly cpu: number;
  /** How much of the time since the last report the event loop was busy, from 0 to 1. */
  readonly busy: number;
  readonly instances: Listed<InstanceReport>;
}
