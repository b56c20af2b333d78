import { inspect } from 'node:util';
import { type Config, defaults } from '../../entities/config.js';
import { createLog, escapingLog } from '../../lib/log.js';

describe('A log', () => {
  let config: Config;
  let lines: unknown[][];
  const log = createLog(() => config);

  beforeEach(() => {
    lines = [];
    config = Object.assign(defaults(), { logger: (...args: unknown[]) => lines.push(args) });
  });

  it('hands its arguments to the logger as one string, joined by spaces', () => {
    log('a', 1, true, undefined, null, Symbol('s'), 2n);
    expect(lines).toEqual([['a 1 true undefined null Symbol(s) 2']]);
    log();
    expect(lines[1]).toEqual(['']);
  });

  it('shows objects to config.logDepth, in colors if config.logInColor is set', () => {
    const deep = { a: { b: { c: { d: 1 } } } };
    log('deep', deep);
    config.logDepth = 1;
    config.logInColor = false;
    log(deep, [1]);
    const colored = inspect(deep, { depth: 5, colors: true });
    expect(colored).toContain('\x1b[');
    expect(lines).toEqual([[`deep ${colored}`], ['{ a: { b: [Object] } } [ 1 ]']]);
  });

  it('does nothing while config.silent is set', () => {
    const costly = {
      [inspect.custom]() {
        throw new Error('looked at');
      },
      toString() {
        throw new Error('looked at');
      },
    };
    config.silent = true;
    expect(() => log('a', costly)).not.toThrow();
    expect(lines).toEqual([]);
  });

  it('follows changes of the config, and a new config', () => {
    config.silent = true;
    log('unheard');
    config.silent = false;
    log('heard');
    const others: string[] = [];
    config = Object.assign(defaults(), { logger: (line: string) => others.push(line) });
    log('elsewhere');
    expect(lines).toEqual([['heard']]);
    expect(others).toEqual(['elsewhere']);
  });

  it('escapes and truncates texts in lines of the engine, and does not change lines of the user', () => {
    escapingLog(log)('label', 'a\nb\u001b[2J', { name: 'c\nd' }, 'x'.repeat(20_000));
    const cut = `${'x'.repeat(10_000)}... (20000 characters)`;
    const object = inspect({ name: 'c\nd' }, { colors: true });
    expect(lines).toEqual([[`label a\\u000ab\\u001b[2J ${object} ${cut}`]]);
    log('a\nb\u001b[2J');
    expect(lines[1]).toEqual(['a\nb\u001b[2J']);
  });
});
