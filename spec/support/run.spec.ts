import { type Program, start } from './processes.js';

describe('A run of the specs', () => {
  it('reports what has failed, why, and what was left behind', async () => {
    const run = start('spec/support/run.ts', ['spec/support/fixtures/careless.spec.ts'], {
      SPEC_GRACE: '1000',
    });
    const { code } = await run.exited;
    expect(code).toBe(1);
    expect(run.stdout).toMatch(/^FAILED Careless fails\n {2}Expected 1 to be 2\.\n.*careless\.spec\.ts:8:/m);
    expect(run.stdout).toMatch(/^FAILED Careless expects nothing$/m);
    expect(run.stdout).toMatch(/^ {2}Careless is put off: until later$/m);
    expect(run.stdout).toMatch(/^FAILED Careless \(left behind\)\n {2}Pipe/m);
    // On Windows a pipe has no file that could be left.
    const leftFile = process.platform === 'win32' ? 0 : 1;
    expect(lastLine(run)).toBe(`${2 - leftFile} passed, ${3 + leftFile} failed, 1 skipped`);
  });

  it('fails when the process does not end by itself', async () => {
    const run = start('spec/support/run.ts', ['spec/support/fixtures/lingering.spec.ts'], {
      SPEC_GRACE: '1000',
    });
    const { code } = await run.exited;
    expect(code).toBe(1);
    expect(run.stdout).toMatch(/the process lives on: .*Timeout/);
    expect(lastLine(run)).toBe('1 passed, 1 failed');
  });

  it('adds up the results of several processes', async () => {
    const parts = ['spec/support/fixtures/careless.spec.ts', 'spec/entities', 'spec/lib/framing'];
    const filter = '--filter=^(Careless (passes|fails)$|An address is written as a path)';
    const run = start('spec/support/run.ts', [...parts, filter, '--jobs=2', '--slowest=3']);
    const { code } = await run.exited;
    expect(code).toBe(1);
    expect(run.stdout.match(/^Seed /gm)?.length).toBe(1);
    expect(run.stdout).toMatch(/^FAILED Careless fails$/m);
    expect(run.stdout).toMatch(
      /^Slowest:\n( {2}\d+ ms {2}(Careless|An address) .*\n){3}\nFailed:\n {2}Careless fails\n/m,
    );
    expect(lastLine(run)).toBe('2 passed, 1 failed');
  });

  it('refuses an invalid number of processes', async () => {
    const run = start('spec/support/run.ts', ['spec/layers.spec.ts', '--jobs=none']);
    const { code } = await run.exited;
    expect([code, run.stdout]).toEqual([2, '--jobs is none; give a whole number from 1.\n']);
  });

  it('fails when no spec has run', async () => {
    const run = start('spec/support/run.ts', ['spec/layers.spec.ts', '--filter=no spec has this name']);
    const { code } = await run.exited;
    expect(code).toBe(1);
    expect(lastLine(run)).toBe('0 passed, 0 failed');
  });

  it('keeps the order of a seed', async () => {
    const run = start('spec/support/run.ts', ['spec/layers.spec.ts', '--filter=file', '--seed=4711']);
    await run.waitForLine(/^Seed 4711 /);
    await run.exited;
    expect(lastLine(run)).toMatch(/^\d+ passed, \d+ failed$/);
  });
});

function lastLine(run: Program): string | undefined {
  return run.stdout.trimEnd().split('\n').at(-1);
}
