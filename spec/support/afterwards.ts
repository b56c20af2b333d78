import { resumeTime } from './clock.js';

type Cleanup = () => unknown;

/** The cleanups of the running spec, and of the outermost `describe` around it. */
const ofSpec: Cleanup[] = [];
const ofSuite: Cleanup[] = [];
let scope = ofSuite;

/**
 * Registers a cleanup for the end of the current scope: the running spec, or in a `beforeAll` the outermost `describe`.
 * Cleanups run one after another, the last registered first.
 */
export function afterwards(cleanup: Cleanup): void {
  scope.push(cleanup);
}

/** Runs the cleanups of an outermost suite. The reporter calls it after the last spec of the suite. */
export function afterSuite(): Promise<void> {
  return run(ofSuite);
}

async function run(cleanups: Cleanup[]): Promise<void> {
  const failures: unknown[] = [];
  for (let cleanup = cleanups.pop(); cleanup; cleanup = cleanups.pop()) {
    try {
      await cleanup();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('\n'));
}

/**
 * Follows the start and end of specs. Call it before any spec file loads, so that its beforeEach runs first and its
 * afterEach last.
 */
export function watchScopes(): void {
  beforeEach(() => {
    scope = ofSpec;
  });
  afterEach(async () => {
    resumeTime();
    try {
      await run(ofSpec);
    } finally {
      scope = ofSuite;
    }
  });
}
