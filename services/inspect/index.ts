/**
 * `node --import omni-ipc/inspect app.js` makes a program visible to `omni-ipc ls`, `top` and `web` of the same user, without a
 * change to its code; `--require` and NODE_OPTIONS do as well. See docs/command.md.
 */
import { Inspector } from './inspector.js';

export type { CallRecord, HandlerFigures, PacketRecord, WatchBatch, WatchOptions } from './records.js';
export type { InstanceReport, ProcessReport } from './report.js';

const KEY = Symbol.for('omni-ipc.inspector');

// Creates one inspector per process or worker thread, even if several copies of this package are loaded.
if (!Object.hasOwn(globalThis, KEY)) {
  Object.defineProperty(globalThis, KEY, { value: new Inspector() });
}
