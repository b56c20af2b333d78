import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unifiedDiff } from '../../../cli/migrate/diff.js';
import { freshDirectory } from '../../support/places.js';

describe('A diff', () => {
  const numbers = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  const cases: [string, string[]][] = [
    ['a change at the start', ['new', ...numbers.slice(1)]],
    ['a change at the end', [...numbers.slice(0, -1), 'new']],
    ['changes near each other', numbers.map((line, index) => (index % 7 === 3 ? `${line}!` : line))],
    ['changes far from each other', numbers.map((line, index) => (index % 19 === 3 ? `${line}!` : line))],
    ['lines that are gone', [...numbers.slice(0, 5), ...numbers.slice(8, 30), ...numbers.slice(31)]],
    [
      'lines that are new',
      [...numbers.slice(0, 5), 'x', 'y', ...numbers.slice(5, 20), 'z', ...numbers.slice(20)],
    ],
    ['as many lines gone as new', [...numbers.slice(1, 20), 'x', ...numbers.slice(20)]],
    ['everything gone but one line', ['line 12']],
  ];
  for (const [what, after] of cases) {
    it(`of ${what} can be applied by patch`, () => {
      const folder = freshDirectory();
      const [before, wanted] = [numbers, after].map((lines) => `${lines.join('\n')}\n`) as [string, string];
      writeFileSync(join(folder, 'f'), before);
      const diff = `${unifiedDiff('f', before, wanted)}\n`;
      const { status, stdout, error } = spawnSync('patch', ['-p1', '--fuzz=0'], { cwd: folder, input: diff });
      if (error) return pending('Needs patch');
      expect(status).withContext(`${stdout}${diff}`).toBe(0);
      expect(String(stdout)).not.toMatch(/offset|fuzz/);
      expect(readFileSync(join(folder, 'f'), 'utf8')).toBe(wanted);
    });
  }
});
