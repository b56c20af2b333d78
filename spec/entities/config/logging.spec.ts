import { LOGGING } from '../../../entities/config/logging.js';
import { defaults } from '../../../entities/config.js';
import { itRefuses } from '../../support/settings.js';

describe('The log of a config', () => {
  itRefuses(LOGGING, {
    silent: ['yes'],
    logInColor: [1],
    logDepth: [-1, '5', Number.NaN],
    logger: [undefined, 'console'],
    logPayloads: [1],
  });

  it('writes to the console.log of the time when the config is made', () => {
    const { log } = console;
    const lines: string[] = [];
    console.log = (line: string) => void lines.push(line);
    try {
      defaults().logger('a line');
    } finally {
      console.log = log;
    }
    expect(lines).toEqual(['a line']);
  });
});
