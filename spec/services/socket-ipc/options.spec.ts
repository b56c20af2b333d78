import { inspect } from 'node:util';
import { checkSocketOptions, delayIn, engineOptions } from '../../../services/socket-ipc/options.js';
import { ipcError } from '../../support/errors.js';

describe('The options of socket-ipc', () => {
  for (const bad of ['', '8000', undefined, 17, 17n]) {
    it(`refuse ${inspect(bad)} as a socketFile`, () => {
      expect(() => checkSocketOptions({ socketFile: bad as string }, 'The server')).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'socketFile'),
      );
    });
  }

  for (const bad of ['json', 17n, {}, { createEncoder: () => () => {} }]) {
    it(`refuse ${inspect(bad)} as a transcoder`, () => {
      const options = { socketFile: '/tmp/x', transcoder: bad as never };
      expect(() => checkSocketOptions(options, 'The server')).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'createEncoder and createDecoder'),
      );
    });
  }

  it('refuse what is misspelt, and accept those of the other class, since programs share one object', () => {
    const options = { socketFile: '/tmp/x', retryDelay: 5, reconnectDelay: { max: 1 }, transcoder: null };
    expect(() => checkSocketOptions(options, 'The server')).not.toThrow();
    expect(() => checkSocketOptions({ ...options, retrydelay: 5 } as never, 'The server')).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'retryDelay'),
    );
  });

  it('choose JSON unless there is a transcoder', () => {
    const engine = engineOptions({ socketFile: '/tmp/x' });
    expect(engine.address).toEqual({ transport: 'unix', path: '/tmp/x' });
    const transcoder = { createEncoder: fail, createDecoder: fail } as never;
    expect(engineOptions({ socketFile: '/tmp/x', transcoder }).dialect.constructor).not.toBe(
      engine.dialect.constructor,
    );
  });

  it('complete a range of delays by the usual one', () => {
    expect([delayIn(undefined, 100), delayIn(7, 100)]).toEqual([{ min: 100, max: 100 }, 7]);
    expect([delayIn({ max: 50 }, 100), delayIn({ min: 200 }, 100)]).toEqual([
      { min: 50, max: 50 },
      { min: 200, max: 200 },
    ]);
  });
});
