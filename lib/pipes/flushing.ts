import { type Rest, STUCK_TIME } from './rest.js';

/** How long the exit of the process may wait for peers to read what is left, in milliseconds. */
const EXIT_TIME = 2000;
/** How long it sleeps between two tries, in milliseconds. */
const PAUSE = 1;

/** What has something to write at the end of a turn. */
export interface Flushable {
  flush(): void;
}

/** A {@link Flushable} whose socket may hold what the kernel has not taken. */
export interface Finishable extends Flushable {
  /** At the exit of the process: hands over what is unsent, where it can be written without the event loop. */
  takeRest(): Rest | undefined;
  /** At the exit of the process: what is unsent could not be sent. */
  lost(): void;
}

/** Those that have something to write, flushed together at the end of the turn, or when the process exits. */
const waiting: Flushable[] = [];
/** Those whose sockets hold something. */
const behind = new Set<Finishable>();
let scheduled = false;
let finishing = false;
/** When the exit stops waiting (performance.now()); nothing if the process does not exit. */
let deadline: number | undefined;

function flushAll(): void {
  scheduled = false;
  for (let i = 0; i < waiting.length; i++) (waiting[i] as Flushable).flush();
  waiting.length = 0;
}

/** Has `flush()` called at the end of this turn, or before the process exits. */
export function flushLater(flushable: Flushable): void {
  waiting.push(flushable);
  if (deadline !== undefined) finish();
  if (scheduled) return;
  scheduled = true;
  process.nextTick(flushAll);
}

/** Its socket holds what the kernel has not taken. */
export function fallBehind(finishable: Finishable): void {
  behind.add(finishable);
  if (deadline !== undefined) finish();
}

/** Its socket holds nothing any more. */
export function catchUp(finishable: Finishable): void {
  behind.delete(finishable);
}

process.on('exit', () => {
  // Whoever emits the event by hand does not end the process.
  if ((process as { _exiting?: boolean })._exiting === true) deadline = performance.now() + EXIT_TIME;
  finish();
});

/** Writes everything: what the kernel does not take at once is written here, as no event loop will do it. */
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
