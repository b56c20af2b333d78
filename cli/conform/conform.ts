import { events } from './levels/events.js';
import { hostile } from './levels/hostile.js';
import { requests } from './levels/requests.js';
import { streams } from './levels/streams.js';
import { topics } from './levels/topics.js';
import type { Role, Target } from './target.js';
import { type Check, Failure, type Level, Skipped, Trial } from './trial.js';

/** The result of one check. */
export interface Result {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly why?: string;
}

/** The result of one level. */
export interface LevelResult {
  readonly level: string;
  readonly role: Role;
  /** Why the program does not support this level; if set, nothing was checked. */
  readonly unsupported?: string;
  readonly results: readonly Result[];
}

/** The levels in the order of testing: later ones depend on what earlier ones tested. */
export const LEVELS: readonly Level[] = [events, requests, topics, streams, hostile];

/** The settings of a test run. */
export interface Settings {
  /** The time limit for each answer, in milliseconds. */
  readonly timeout: number;
  /** The maximum frame size that the program states, in bytes; 0 if it is unknown. */
  readonly maxSize: number;
  /** The names of the levels to test; empty for all. */
  readonly levels: readonly string[];
  /** Aborts the test. */
  readonly signal?: AbortSignal;
}

/** Tests one program in one role. It reports each level when its checks have finished. */
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

/** The probe always runs, since later levels depend on its result. */
async function tryLevel(
  level: Level,
  trial: Trial,
  wanted: boolean,
  signal?: AbortSignal,
): Promise<LevelResult> {
  const head = { level: level.name, role: trial.role };
  try {
    const unsupported = await level.probe(trial);
    if (unsupported !== undefined) return { ...head, unsupported, results: [] };
  } catch (error) {
    return { ...head, results: [failed('it answers at all', error)] };
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
