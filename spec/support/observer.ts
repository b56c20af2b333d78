import { leftBySuite } from './leaks.js';

export interface Failure {
  readonly message: string;
  readonly stack: string;
}

/** A finished spec, or a failure outside of specs. It is sent between processes. */
export type Outcome =
  | { readonly status: 'passed'; readonly name: string; readonly duration: number }
  | { readonly status: 'skipped'; readonly name: string; readonly reason: string }
  | {
      readonly status: 'failed';
      readonly name: string;
      readonly duration: number;
      readonly failures: readonly Failure[];
    };

/** Reports the outcome of the specs of this process, and the resources that they leave behind. */
export class Observer implements jasmine.CustomReporter {
  readonly #tell: (outcome: Outcome) => void;
  #depth = 0;

  constructor(tell: (outcome: Outcome) => void) {
    this.#tell = tell;
  }

  suiteStarted(): void {
    this.#depth++;
  }

  specDone(result: jasmine.SpecResult): void {
    const { fullName: name, pendingReason, notApplicableReason } = result;
    const duration = result.duration ?? 0;
    switch (result.status) {
      case 'passed':
        this.#tell({ status: 'passed', name, duration });
        break;
      case 'failed':
        this.#fail(name, result.failedExpectations, duration);
        break;
      case 'pending':
      case 'notApplicable':
        this.#tell({ status: 'skipped', name, reason: pendingReason || notApplicableReason || 'pending' });
        break;
      case 'excluded': // by --filter
        break;
    }
  }

  async suiteDone(result: jasmine.SuiteResult): Promise<void> {
    if (result.failedExpectations.length > 0)
      this.#fail(`${result.fullName} (beforeAll or afterAll)`, result.failedExpectations);
    if (--this.#depth === 0) await this.#findLeaks(result.fullName);
  }

  async jasmineDone(info: jasmine.JasmineDoneInfo): Promise<void> {
    await this.#findLeaks('Outside of every suite');
    if (info.failedExpectations.length > 0) this.#fail('Outside of every spec', info.failedExpectations);
    if (info.overallStatus === 'incomplete')
      this.#fail('The run', [{ message: info.incompleteReason, stack: '' }]);
  }

  async #findLeaks(where: string): Promise<void> {
    const left = await leftBySuite();
    if (left.length > 0)
      this.#fail(
        `${where} (left behind)`,
        left.map((message) => ({ message, stack: '' })),
      );
  }

  /** Removes values of the specs from expectations, because they may not be transferable. */
  #fail(name: string, failures: readonly Failure[], duration = 0): void {
    const plain = failures.map(({ message, stack }) => ({ message, stack }));
    this.#tell({ status: 'failed', name, duration, failures: plain });
  }
}
