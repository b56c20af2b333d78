import '../../../services/styles/index.js';
import { stripVTControlCharacters } from 'node:util';

describe('The styles of strings', () => {
  const { FORCE_COLOR, NO_COLOR } = process.env;
  beforeEach(() => {
    delete process.env.NO_COLOR;
    process.env.FORCE_COLOR = '1';
  });
  afterEach(() => {
    for (const [name, value] of Object.entries({ FORCE_COLOR, NO_COLOR })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('are those of node-ipc’s examples', () => {
    const names = [
      'good',
      'notice',
      'warn',
      'error',
      'debug',
      'data',
      'variable',
      'info',
      'rainbow',
      'zebra',
    ] as const;
    for (const name of names) {
      const styled = 'text'[name];
      expect(styled).withContext(name).toContain('\u001b[');
      expect(stripVTControlCharacters(styled)).withContext(name).toBe('text');
    }
  });

  it('differ from each other', () => {
    expect(new Set(['a'.good, 'a'.warn, 'a'.error, 'a'.debug, 'a'.data, 'a'.notice]).size).toBe(6);
  });

  it('do not appear in a loop over a string’s properties', () => {
    const seen: string[] = [];
    for (const name in Object('text')) seen.push(name);
    expect(seen).toEqual(['0', '1', '2', '3']);
  });

  it('do not change the text without colors', () => {
    delete process.env.FORCE_COLOR;
    process.env.NO_COLOR = '1';
    expect('text'.debug).toBe('text');
  });

  it('follow the flags --color and --no-color', () => {
    const { argv } = process;
    try {
      process.argv = [...argv, '--no-color'];
      expect('text'.debug).toBe('text');
      delete process.env.FORCE_COLOR;
      process.env.NO_COLOR = '1';
      process.argv = [...argv, '--color'];
      expect('text'.debug).not.toBe('text');
    } finally {
      process.argv = argv;
    }
  });
});
