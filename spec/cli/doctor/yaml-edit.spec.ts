import { readYaml } from '../../../cli/doctor/yaml.js';
import { setInYaml } from '../../../cli/doctor/yaml-edit.js';

describe('A member of a YAML file', () => {
  const cases: [title: string, source: string, path: string[], after: string][] = [
    ['is added to an empty file', '', ['overrides', 'a'], 'overrides:\n  a: x\n'],
    [
      'is added to a mapping, with its indentation',
      'o:\n    b: 1\nc: 2\n',
      ['o', 'a'],
      'o:\n    b: 1\n    a: x\nc: 2\n',
    ],
    [
      'is added before the blank lines and comments that follow',
      'o:\n  b: 1\n\n# c\nc: 2',
      ['o', 'a'],
      'o:\n  b: 1\n  a: x\n\n# c\nc: 2\n',
    ],
    ['is added to a mapping without members', 'o: # none\nc: 2\n', ['o', 'a'], 'o: # none\n  a: x\nc: 2\n'],
    [
      'takes the place of another, and keeps its comment',
      'o:\n  "a": 1 # one\n  b: 2\n',
      ['o', 'a'],
      'o:\n  a: x # one\n  b: 2\n',
    ],
    ['keeps the line ends', 'o:\r\n  b: 1\r\n', ['o', 'a'], 'o:\r\n  b: 1\r\n  a: x\r\n'],
    ['is quoted where its key begins with an @', '', ['@b/a'], "'@b/a': x\n"],
    [
      'is added with the mappings that it lacks',
      'c:\n  d:\n    e: 1\n',
      ['c', 'f', 'a'],
      'c:\n  d:\n    e: 1\n  f:\n    a: x\n',
    ],
    [
      'is found in its own mapping only',
      'p:\n  a: 1\no:\n  b:\n    a: 1\n',
      ['o', 'a'],
      'p:\n  a: 1\no:\n  b:\n    a: 1\n  a: x\n',
    ],
  ];
  for (const [title, source, path, after] of cases) {
    it(title, () => {
      const changed = setInYaml(source, path, 'x');
      expect(changed).toBe(after);
      expect(setInYaml(changed, path, 'x')).toBe(after);
      const found = path.reduce<unknown>(
        (at, key) => (at as Record<string, unknown>)[key],
        readYaml(changed),
      );
      expect(found).toBe('x');
    });
  }

  it('is refused in a mapping that is not written with a key per line', () => {
    expect(() => setInYaml('o: { b: 1 }\n', ['o', 'a'], 'x')).toThrowError(
      SyntaxError,
      /line 1 is not a mapping/,
    );
    expect(() => setInYaml('o:\n  a: y\n    z\n', ['o', 'a'], 'x')).toThrowError(SyntaxError, /line 2 /);
  });
});
