import type { Failure, Outcome } from './observer.js';
import { projectRoot } from './project.js';

const dotsPerLine = 100;

/** Stack frames without information about a failure. */
const elsewhere = /<Jasmine>|node:internal|node_modules.jasmine/;

/** Prints a dot for each spec, each failure in full at once, and at the end the slowest specs and the counts. */
export class Reporter {
  readonly #passed: string[] = [];
  readonly #failed: string[] = [];
  readonly #skipped: { name: string; reason: string }[] = [];
  readonly #durations: { name: string; duration: number }[] = [];
  readonly #shown: number;
  #column = 0;

  /** @param slowest the number of the slowest specs to list at the end */
  constructor(slowest: number) {
    this.#shown = slowest;
  }

  take(outcome: Outcome): void {
    const { name } = outcome;
    switch (outcome.status) {
      case 'passed':
        this.#passed.push(name);
        this.#mark('.');
        break;
      case 'failed':
        this.#failed.push(name);
        this.#mark('F');
        this.#explain(name, outcome.failures);
        break;
      case 'skipped':
        this.#skipped.push(outcome);
        this.#mark('-');
        return;
    }
    this.#durations.push(outcome);
  }

  /** Whether specs have passed, and none has failed. */
  get isGood(): boolean {
    return this.#passed.length > 0 && this.#failed.length === 0;
  }

  /** The names of all specs that were reported. */
  get names(): string[] {
    return [...this.#passed, ...this.#failed, ...this.#skipped.map(({ name }) => name)];
  }

  /** Lists skipped, slow and failed specs. */
  summarize(): void {
    this.#newLine();
    this.#list(
      'Skipped:',
      this.#skipped.map(({ name, reason }) => `${name}: ${reason}`),
    );
    this.#list('Slowest:', this.#slowest());
    this.#list('Failed:', this.#failed);
    if (this.#passed.length + this.#failed.length === 0) console.log('\nNo spec has run.');
  }

  /** The last line of every run. */
  get counts(): string {
    const [passed, failed, skipped] = [this.#passed, this.#failed, this.#skipped].map(({ length }) => length);
    return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
  }

  #explain(name: string, failures: readonly Failure[]): void {
    this.#newLine();
    console.log(`\nFAILED ${name}`);
    if (failures.length === 0) console.log('  The spec has no expectation.\n');
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

function readable({ message, stack }: Failure): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !elsewhere.test(line));
  return [message, ...frames].join('\n').replaceAll(projectRoot, '');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
