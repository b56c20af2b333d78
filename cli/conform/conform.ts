import { events } from './levels/events.js';
import { hostile } from './levels/hostile.js';
import { requests } from './levels/requests.js';
import { streams } from './levels/streams.js';
import { topics } from './levels/topics.js';
import type { Role, Target } from './target.js';
import { type Check, Failure, type Level, Skipped, Trial } from './trial.js';

/** What came of one check. */
export interface Result {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly why?: string;
}

/** What came of a level. */
export interface LevelResult {
  readonly level: string;
  readonly role: Role;
  /** Why the program does not speak it; then nothing was checked. */
  readonly unspoken?: string;
  readonly results: readonly Result[];
}

/** In the order in which they are tried: what is asked later is built on what was asked before. */
export const LEVELS: readonly Level[] = [events, requests, topics, streams, hostile];

/** How a program is tested. */
export interface Settings {
  /** Milliseconds that an answer may take. */
  readonly timeout: number;
  /** The longest frame that the program says it takes, in bytes; 0 if it is not known. */
  readonly maxSize: number;
  /** Only these levels, by name; all if there are none. */
  readonly levels: readonly string[];
  /** Ends the test early. */
  readonly signal?: AbortSignal;
}

/** Tests one program in one role, and reports each level when it is done. */
export async function conform(
  target: Target,
  { timeout, maxSize, levels, signal }: Settings,
  report: (result: LevelResult) => void,
): Promise<LevelResult[]> {
  const trial = new Trial(target, timeout, maxSize);
  const all: LevelResult[] = [];
  try {
    for (const level of LEVELS) {
      if (signal?.aborted) break;
      const wanted = levels.length === 0 || levels.includes(level.name);
      const result = await tryLevel(level, trial, wanted, signal);
      if (!wanted) continue;
      all.push(result);
      report(result);
    }
  } finally {
    await trial.close();
  }
  return all;
}

/** The probe is made in any case: later levels rely on what it finds. */
async function tryLevel(
  level: Level,
  trial: Trial,
  wanted: boolean,
  signal?: AbortSignal,
): Promise<LevelResult> {
  const head = { level: level.name, role: trial.role };
  try {
    const unspoken = await level.probe(trial);
    if (unspoken !== undefined) return { ...head, unspoken, results: [] };
  } catch (error) {
    return { ...head, results: [failed('it can be spoken to', error)] };
  }
  const results: Result[] = [];
  if (!wanted) return { ...head, results };
  for (const check of level.checks) {
    if (signal?.aborted) break;
    if (check.role === undefined || check.role === trial.role) results.push(await tryCheck(check, trial));
  }
  return { ...head, results };
}

async function tryCheck(check: Check, trial: Trial): Promise<Result> {
  try {
    await check.run(trial);
    return { name: check.name, outcome: 'passed' };
  } catch (error) {
    if (error instanceof Skipped) return { name: check.name, outcome: 'skipped', why: error.message };
    trial.discard();
    return failed(check.name, error);
  }
}

function failed(name: string, error: unknown): Result {
  if (!(error instanceof Failure)) throw error;
  return { name, outcome: 'failed', why: error.message };
}
