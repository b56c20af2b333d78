type Cleanup = () => unknown;

/** What the spec that runs just now, and what the outermost `describe` around it, have to put away. */
const ofSpec: Cleanup[] = [];
const ofSuite: Cleanup[] = [];
let scope = ofSuite;

/**
 * Has something done when the scope that asks is over: the running spec, or when asked from a `beforeAll` the
 * outermost `describe`.
 * Cleanups run one after the other, the last registered first.
 */
export function afterwards(cleanup: Cleanup): void {
  scope.push(cleanup);
}

/** Puts away what an outermost suite's specs shared. The reporter calls it when the last of them is done. */
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
 * Follows the specs as they come and go. To be called before any spec file loads: so this beforeEach runs
 * first, this afterEach last.
 */
export function watchScopes(): void {
  beforeEach(() => {
    scope = ofSpec;
  });
  afterEach(async () => {
    try {
      await run(ofSpec);
    } finally {
      scope = ofSuite;
    }
  });
}
