import { leftBySuite } from './leaks.js';
import { projectRoot } from './project.js';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

type Failure = Pick<jasmine.FailedExpectation, 'message' | 'stack'>;

const dotsPerLine = 100;

/** Frames that tell nothing about a failure. */
const elsewhere = /<Jasmine>|node:internal|node_modules.jasmine/;

/** Prints a dot a spec, each failure in full at once, and at the end the slowest specs; and counts. */
export class Reporter implements jasmine.CustomReporter {
  readonly counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  readonly #failures: string[] = [];
  readonly #skips: string[] = [];
  readonly #durations: { name: string; duration: number }[] = [];
  readonly #shown: number;
  #depth = 0;
  #column = 0;

  /** @param slowest how many of the slowest specs are named at the end */
  constructor(slowest: number) {
    this.#shown = slowest;
  }

  jasmineStarted({ order }: jasmine.JasmineStartedInfo): void {
    console.log(`Seed ${order.seed} (the same order again: --seed=${order.seed})\n`);
  }

  suiteStarted(): void {
    this.#depth++;
  }

  specDone(result: jasmine.SpecResult): void {
    switch (result.status) {
      case 'passed':
        this.counts.passed++;
        this.#mark('.');
        break;
      case 'failed':
        this.#fail(result.fullName, result.failedExpectations);
        break;
      case 'pending':
      case 'notApplicable':
        this.counts.skipped++;
        this.#skips.push(
          `${result.fullName}: ${result.pendingReason || result.notApplicableReason || 'pending'}`,
        );
        this.#mark('-');
        break;
      case 'excluded': // by --filter
        return;
    }
    this.#durations.push({ name: result.fullName, duration: result.duration ?? 0 });
  }

  async suiteDone(result: jasmine.SuiteResult): Promise<void> {
    if (result.failedExpectations.length > 0) {
      this.#fail(`${result.fullName} (beforeAll or afterAll)`, result.failedExpectations);
    }
    if (--this.#depth === 0) await this.#findLeaks(result.fullName);
  }

  async jasmineDone(info: jasmine.JasmineDoneInfo): Promise<void> {
    await this.#findLeaks('Outside of every suite');
    if (info.failedExpectations.length > 0) this.#fail('Outside of every spec', info.failedExpectations);
    if (info.overallStatus === 'incomplete')
      this.#fail('The run', [{ message: info.incompleteReason, stack: '' }]);
    this.#newLine();
    this.#list('Skipped:', this.#skips);
    this.#list('Slowest:', this.#slowest());
    this.#list('Failed:', this.#failures);
  }

  async #findLeaks(where: string): Promise<void> {
    const left = await leftBySuite();
    if (left.length > 0)
      this.#fail(
        `${where} (left behind)`,
        left.map((message) => ({ message, stack: '' })),
      );
  }

  #fail(name: string, failures: Failure[]): void {
    this.counts.failed++;
    this.#failures.push(name);
    this.#mark('F');
    this.#newLine();
    console.log(`\nFAILED ${name}`);
    if (failures.length === 0) console.log('  It expects nothing.\n');
    for (const failure of failures) console.log(`${indent(readable(failure))}\n`);
  }

  #mark(sign: string): void {
    process.stdout.write(sign);
    if (++this.#column === dotsPerLine) this.#newLine();
  }

  #newLine(): void {
    if (this.#column > 0) process.stdout.write('\n');
    this.#column = 0;
  }

  #slowest(): string[] {
    const sorted = this.#durations.sort((one, other) => other.duration - one.duration);
    return sorted.slice(0, this.#shown).map(({ name, duration }) => `${duration} ms  ${name}`);
  }

  #list(title: string, lines: string[]): void {
    if (lines.length > 0) console.log(`\n${title}\n${indent(lines.join('\n'))}`);
  }
}

/** The line that every run ends with. */
export function describe({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function readable({ message, stack }: Failure): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !elsewhere.test(line));
  return [message, ...frames].join('\n').replaceAll(projectRoot, '');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
