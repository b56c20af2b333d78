import { releaseHeld } from '../holders.js';
import { type Rest, STUCK_TIME } from './rest.js';

/** How long the exit of the process may be delayed until peers have read the remaining data, in milliseconds. */
const EXIT_TIME = 2000;
/** How long to sleep between two attempts, in milliseconds. */
const PAUSE = 1;

/** An object that has data to write at the end of a turn. */
export interface Flushable {
  flush(): void;
}

/** A {@link Flushable} whose socket may hold data that the kernel has not accepted. */
export interface Finishable extends Flushable {
  /** Called at the exit of the process: returns the unsent data if it can be written without the event loop. */
  takeRest(): Rest | undefined;
  /** Called at the exit of the process: the unsent data is lost. */
  lost(): void;
}

/** Objects that are flushed at the end of the turn, or when the process exits. */
const waiting: Flushable[] = [];
/** Objects whose sockets hold unsent data. */
const behind = new Set<Finishable>();
let scheduled = false;
let finishing = false;
/** When the exit stops waiting, in milliseconds of performance.now(); undefined if the process is not exiting. */
let deadline: number | undefined;

function flushAll(): void {
  scheduled = false;
  for (let i = 0; i < waiting.length; i++) (waiting[i] as Flushable).flush();
  // An array that is emptied by its length loses its memory, which matters with one message at a time.
  if (waiting.length === 1) waiting.pop();
  else waiting.length = 0;
}

/** Schedules `flush()` for the end of this turn, or for the exit of the process. */
export function flushLater(flushable: Flushable): void {
  waiting.push(flushable);
  if (deadline !== undefined) finish();
  if (scheduled) return;
  scheduled = true;
  process.nextTick(flushAll);
}

/** Its socket holds data that the kernel has not accepted. */
export function fallBehind(finishable: Finishable): void {
  behind.add(finishable);
  if (deadline !== undefined) finish();
}

/** Its socket no longer holds data. */
export function catchUp(finishable: Finishable): void {
  behind.delete(finishable);
}

process.on('exit', () => {
  // Ignores an 'exit' event that a program emits itself.
  if ((process as { _exiting?: boolean })._exiting === true) {
    deadline = performance.now() + EXIT_TIME;
    releaseHeld();
  }
  finish();
});

/** Writes all remaining data synchronously, since the event loop has ended. */
function finish(): void {
  if (finishing) return;
  finishing = true;
  flushAll();
  if (deadline !== undefined) writeRests(deadline);
  finishing = false;
}

function writeRests(until: number): void {
  const rests = new Map<Finishable, Rest>();
  for (const finishable of behind) {
    const rest = finishable.takeRest();
    if (rest === undefined) finishable.lost();
    else rests.set(finishable, rest);
  }
  behind.clear();
  writeAll([...rests.values()], until);
  for (const [finishable, { taken }] of rests) if (!taken) finishable.lost();
}

function writeAll(rests: readonly Rest[], until: number): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const open = new Set(rests);
  let progress = performance.now();
  while (open.size > 0) {
    const now = performance.now();
    for (const rest of open) {
      const written = rest.write(now);
      if (written > 0) progress = now;
      if (written < 0 || rest.taken) open.delete(rest);
    }
    if (now > until || now - progress > STUCK_TIME) return;
    if (progress !== now) Atomics.wait(sleeper, 0, 0, PAUSE);
  }
}
