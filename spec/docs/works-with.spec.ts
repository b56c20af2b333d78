import { readdirSync, readFileSync } from 'node:fs';
import { inProject } from '../support/project.js';

const text = readFileSync(inProject('docs', 'works-with.md'), 'utf8');
const rows = text.split('\n').filter((line) => /^\| (?!\| |---)/.test(line));
const commands = rows.map((row) =>
  [...(row.split(' | ').at(-1) ?? '').matchAll(/`(npm [^`]+)`/g)].map(([, command = '']) => command),
);

describe('docs/works-with.md', () => {
  it('names for each row the command that checks it', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((_row, at) => commands[at]?.length === 0)).toEqual([]);
  });

  it('names only checks, specs and scripts that exist', () => {
    const folder = inProject('spec', 'tools', 'checks');
    const checks = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
    const specs = readdirSync(inProject('spec'), { recursive: true, encoding: 'utf8' }).map(
      (name) => `spec/${name.replaceAll('\\', '/')}`,
    );
    const { scripts } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
    for (const command of commands.flat()) {
      const [, script = '', given = ''] = /^npm (?:run )?([\w:]+)(?: -- (.*))?$/.exec(command) ?? [];
      expect(Object.keys(scripts)).withContext(command).toContain(script);
      for (const part of given.split(' ').filter((word) => word !== '')) {
        const where = script === 'test:tools' ? checks : specs;
        expect(where.some((one) => one.includes(part)))
          .withContext(`${command}: ${part}`)
          .toBeTrue();
      }
    }
  });
});
