import { run, serve, values } from '../support.js';

describe('omni-ipc bench', () => {
  it('reports the rate and the times of requests, over several connections', async () => {
    const { program, address } = await serve(['--echo', '--quiet']);
    const args = [
      'bench',
      address,
      'add',
      '[1,2]',
      '--for',
      '300ms',
      '--connections',
      '3',
      '--in-flight',
      '4',
    ];
    const { code, stdout, stderr } = await run(args);
    expect([code, stderr]).toEqual([0, '']);
    const [result] = values(stdout) as [Record<string, number>];
    const { rate = 0, done = 0, failed, seconds = 0, connections, p50 = 0, p99 = 0, max = 0 } = result;
    expect([failed, connections]).toEqual([0, 3]);
    expect(Math.abs(done / seconds - rate)).toBeLessThan(rate / 10 + 1);
    expect(done).toBeGreaterThan(3);
    expect(p50 > 0 && p50 <= p99 && p99 <= max).toBe(true);
    expect(program.stdout).toBe('');
  });

  it('sends pings if no type is given, and events with --emit', async () => {
    const { program, address } = await serve();
    const [pings] = values((await run(['bench', address, '--for', '100ms'])).stdout) as [
      Record<string, number>,
    ];
    expect(pings.done).toBeGreaterThan(1);
    const args = ['bench', address, 'log', '--size', '50', '--emit', '--for', '100ms'];
    const [sent] = values((await run(args)).stdout) as [Record<string, number>];
    program.process.kill('SIGTERM');
    await program.exited;
    expect(
      (values(program.stdout) as { data: string }[]).filter(({ data }) => data === 'x'.repeat(50)).length,
    ).toBe(sent.done as number);
  });

  it('exits with the code of the first error', async () => {
    const { address } = await serve();
    const { code, stderr } = await run(['bench', address, 'unknown', '--for', '50ms']);
    expect(code).toBe(6);
    expect(stderr).toMatch(/failed, the first one: .*unknown/);
  });
});
