import { fromEnvironment, settings } from '../../../services/opentelemetry/options.js';
import { ipcError } from '../../support/errors.js';

describe('The options of instrument()', () => {
  it('enable traces of requests and metrics by default', () => {
    const { requests, events, topics, metrics, propagation, filter } = settings({});
    expect([requests, events, topics, metrics, propagation]).toEqual([true, false, false, true, true]);
    expect(
      filter({ kind: 'event', side: 'client', type: 'x', id: undefined, peer: undefined, meta: undefined }),
    ).toBeTrue();
  });

  it('are refused by name if they are invalid', () => {
    expect(() => settings({ event: true } as never)).toThrow(
      ipcError('ERR_IPC_CONFIG', 'instrument({ event: true })'),
    );
    expect(() => settings({ topics: 'yes' } as never)).toThrow(ipcError('ERR_IPC_CONFIG', "topics: 'yes'"));
    expect(() => settings({ filter: true } as never)).toThrow(
      ipcError('ERR_IPC_CONFIG', 'filter is a function'),
    );
  });

  it('can come from environment variables, without a change of the program', () => {
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
