import { join } from 'node:path';
import { picture } from '../../../cli/top/picture.js';
import { arranged, type Row } from '../../../cli/top/rows.js';
import { freshRuntime, inspected, socketsOf } from '../../support/inspected.js';
import { freshDirectory } from '../../support/places.js';
import { omniIpc, values } from '../support.js';

const plain = { paint: (_: unknown, text: string) => text };

function row(changes: Partial<Row>): Row {
  return {
    key: String(changes.pid ?? 1),
    pid: 1,
    thread: 0,
    program: 'a.js',
    connections: 0,
    messages: 0,
    bytes: 0,
    open: 0,
    answering: 0,
    queued: 0,
    cpu: 0,
    blocked: false,
    slowest: [],
    ...changes,
  };
}

describe('omni-ipc top', () => {
  it('prints a line of JSON for each inspected process at each interval, with rates and the slowest handlers', async () => {
    if (process.platform === 'win32') return pending('Windows has no inspector');
    const { sockets, env } = freshRuntime();
    const path = join(freshDirectory(), 's');
    const program = inspected('spec/fixtures/inspected.ts', [path, 'both', '5'], env);
    await program.waitForLine(/^up$/);
    await socketsOf(sockets);
    const watching = omniIpc(['top', '--interval', '150ms'], undefined, env);
    let line: { messages: number; bytes: number; blocked: boolean; slowest: { type: string }[] };
    // On a busy machine the program may do little in an interval, or not answer, or the other handler may take longer.
    do {
      const [text] = await watching.waitForLine(/^\{.*\}$/);
      line = JSON.parse(text);
    } while (line.blocked || line.messages <= 100 || line.slowest[0]?.type !== 'slow');
    expect(line).toEqual(
      jasmine.objectContaining({
        pid: program.process.pid as number,
        program: 'fixtures/inspected.js',
        connections: 2,
      }) as never,
    );
    expect(line.bytes).toBeGreaterThan(1000);
    await watching.kill();
    const twice = omniIpc(['top', '--interval', '100ms', '--count', '2'], undefined, env);
    expect((await twice.exited).code).toBe(0);
    expect(values(twice.stdout).length).toBe(2);
    const text = omniIpc(
      ['top', '-i', '100ms', '-c', '1', '--pretty', '--filter', 'no such'],
      undefined,
      env,
    );
    await text.exited;
    expect(text.stdout).toMatch(/^0 processes, [\s\S]*No process matches the filter/);
  });

  it('refuses an interval that is too short, and says why', async () => {
    const program = omniIpc(['top', '--interval', '1ms']);
    expect([(await program.exited).code, program.stderr]).toEqual([
      2,
      'omni-ipc: --interval must be 100ms or more.\n',
    ]);
  });

  it('sorts, reverses and filters', () => {
    const slow = { type: 'resize', count: 1, failed: 0, mean: 9, most: 9 };
    const rows = [row({ pid: 2, messages: 5 }), row({ pid: 1, program: 'B.js', slowest: [slow] })];
    const pids = (...how: [Parameters<typeof arranged>[1], boolean, string]) =>
      arranged(rows, ...how).map(({ pid }) => pid);
    expect(pids('messages', false, '')).toEqual([2, 1]);
    expect(pids('messages', true, '')).toEqual([1, 2]);
    expect(pids('pid', false, '')).toEqual([1, 2]);
    expect(pids('slowest', false, '')).toEqual([1, 2]);
    expect([pids('pid', false, 'b.j'), pids('pid', false, 'RESIZE'), pids('pid', false, '2')]).toEqual([
      [1],
      [1],
      [2],
    ]);
  });

  it('fits its picture to the terminal, and escapes control sequences from peers', () => {
    const evil = '\u001b[2J\u202e\n';
    const slow = { type: evil.repeat(50), count: 1, failed: 1, mean: 9, most: 9 };
    const many = Array.from({ length: 100 }, (_, index) =>
      row({ pid: index + 1, program: evil, slowest: [slow] }),
    );
    const view = { sort: 'cpu', reverse: true, filter: evil, typing: true } as const;
    for (const size of [
      { rows: 24, columns: 80 },
      { rows: 50, columns: 200 },
      { rows: 5, columns: 10 },
    ]) {
      const lines = picture(many, view, size, plain);
      expect(lines.length).toBe(size.rows);
      expect(lines.every((line) => line.length <= size.columns)).toBeTrue();
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(lines.join('')).not.toMatch(/[\x00-\x1f\u202e]/);
    }
    expect(picture([], { ...view, typing: false, filter: '' }, { rows: 10, columns: 90 }, plain)).toContain(
      'No inspected process. Start one with: node --import omni-ipc/inspect app.js',
    );
    expect(picture(many, view, { rows: 30, columns: 200 }, plain).join('\n')).toContain('CPU^');
  });
});
