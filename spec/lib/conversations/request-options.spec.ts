import { checkRequestOptions, type RequestOptions } from '../../../lib/conversations/request-options.js';
import { ipcError } from '../../support/errors.js';

describe('The options of a request', () => {
  it('are refused if they are unknown or invalid', () => {
    const wrong: [object, string][] = [
      [{ timeOut: 5 }, 'does not know timeOut; did you mean timeout?'],
      [{ timeout: '5s' }, 'takes a timeout in milliseconds'],
      [{ timeout: -5 }, 'takes a timeout in milliseconds'],
      [{ timeout: Number.NaN }, 'takes a timeout in milliseconds'],
      [{ retries: -1 }, 'takes a number of retries'],
      [{ signal: {} }, 'takes an AbortSignal'],
      [{ output: {} }, 'takes a Standard Schema'],
    ];
    for (const [options, message] of wrong) {
      expect(() => checkRequestOptions('add', options as RequestOptions)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', message),
      );
    }
  });

  it('are accepted in every valid combination', () => {
    const { signal } = new AbortController();
    for (const options of [{}, { timeout: 0 }, { timeout: Number.POSITIVE_INFINITY, retries: 3, signal }]) {
      expect(() => checkRequestOptions('add', options)).not.toThrow();
    }
  });
});
