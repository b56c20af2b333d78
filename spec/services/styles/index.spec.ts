import '../../../services/styles/index.js';
import colors from 'colors/safe.js';

describe('The styles of strings', () => {
  const enabled = colors.enabled;
  beforeEach(() => colors.enable());
  afterEach(() => {
    if (!enabled) colors.disable();
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
      expect(colors.stripColors(styled)).withContext(name).toBe('text');
    }
  });

  it('differ where they say different things', () => {
    expect(new Set(['a'.good, 'a'.warn, 'a'.error, 'a'.debug, 'a'.data, 'a'.notice]).size).toBe(6);
  });

  it('are seen by no loop over a string’s properties', () => {
    const seen: string[] = [];
    for (const name in Object('text')) seen.push(name);
    expect(seen).toEqual(['0', '1', '2', '3']);
  });

  it('leave the text alone where there is no color', () => {
    colors.disable();
    expect('text'.debug).toBe('text');
  });
});
