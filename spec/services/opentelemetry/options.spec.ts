import { fromEnvironment, settings } from '../../../services/opentelemetry/options.js';
import { ipcError } from '../../support/errors.js';

describe('The options of instrument()', () => {
  it('trace requests and measure by default', () => {
    const { requests, events, topics, metrics, propagation, filter } = settings({});
    expect([requests, events, topics, metrics, propagation]).toEqual([true, false, false, true, true]);
    expect(
      filter({ kind: 'event', side: 'client', type: 'x', id: undefined, peer: undefined, meta: undefined }),
    ).toBeTrue();
  });

  it('are refused by name if they are wrong', () => {
    expect(() => settings({ event: true } as never)).toThrow(
      ipcError('ERR_IPC_CONFIG', 'instrument({ event: true })'),
    );
    expect(() => settings({ topics: 'yes' } as never)).toThrow(ipcError('ERR_IPC_CONFIG', "topics: 'yes'"));
    expect(() => settings({ filter: true } as never)).toThrow(
      ipcError('ERR_IPC_CONFIG', 'filter is a function'),
    );
  });

  it('come from the environment for a program that is not to be changed', () => {
    expect(fromEnvironment({})).toEqual({});
    expect(fromEnvironment({ OMNI_IPC_TRACE: 'requests, topics' })).toEqual({
      requests: true,
      events: false,
      topics: true,
    });
    expect(fromEnvironment({ OMNI_IPC_TRACE: '' })).toEqual({
      requests: false,
      events: false,
      topics: false,
    });
  });
});
