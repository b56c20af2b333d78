import { defaults } from '../../../entities/config.js';
import type { LocalServer } from '../../../lib/backplane.js';
import { RelayHandlers } from '../../../services/backplane/relay-handlers.js';
import type { Channel } from '../../../services/channel/index.js';
import { freshRendezvous, openChannels } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

describe('RelayHandlers', () => {
  let other: Channel;
  let calls: unknown[][];
  let errors: unknown[];
  let handlers: RelayHandlers;
  /** What the requests to clients that never answer have been given. */
  let signal: AbortSignal | undefined;

  beforeEach(async () => {
    calls = [];
    errors = [];
    const note =
      (name: string) =>
      (...args: unknown[]) =>
        void calls.push([name, ...args]);
    const clients = {
      has: (id: string) => id === 'here',
      emit: note('emit'),
      end: note('end'),
      ask: (_id: string, _type: string, _data: unknown, options: { signal: AbortSignal }) => {
        signal = options.signal;
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
      survey: async () => [{ id: 'here', status: 'fulfilled', value: 7 }],
      list: () => [{ id: 'here' }],
    };
    const local = { broadcast: note('broadcast'), publish: note('publish'), clients: () => clients };
    const [first, second] = (await openChannels(freshRendezvous(), 2)) as [Channel, Channel];
    other = second;
    handlers = new RelayHandlers(first as never, defaults(), local as unknown as LocalServer, (error) =>
      errors.push(error),
    );
  });

  it('pass events on to the clients of this server', async () => {
    const to = other.to(1);
    to.emit('broadcast', { type: 'news', data: 1 }, ['except']);
    to.emit('publish', { topic: 'weather', data: 2, meta: { by: 'a' } });
    to.emit('emit', 'here', { type: 'order', data: 3 });
    await to.deliver('end', 'here', { reason: 'update', reconnect: true });
    expect(calls).toEqual([
      ['broadcast', jasmine.objectContaining({ type: 'news', data: 1 }), ['except']],
      ['publish', 'weather', 2, { by: 'a' }],
      ['emit', 'here', jasmine.objectContaining({ type: 'order', data: 3 })],
      ['end', 'here', jasmine.objectContaining({ reason: 'update', reconnect: true })],
    ]);
    expect(errors).toEqual([]);
  });

  it('report to the sender of an event that its client has gone', async () => {
    const failed = once(other, 'failed');
    other.to(1).emit('emit', 'gone', { type: 'order' });
    expect(await failed).toEqual([1, jasmine.objectContaining({ code: 'ERR_IPC_DISCONNECTED' })]);
    expect(calls).toEqual([]);
  });

  it('answer for the clients of this server', async () => {
    const to = other.to(1);
    expect(await to.request('list', { call: 1 })).toEqual([{ id: 'here' }]);
    expect(await to.request('survey', { call: 2, type: 'sum', timeout: 0 })).toEqual([
      jasmine.objectContaining({ id: 'here', value: 7 }),
    ]);
    const deliver = (id: string) => to.request('deliver', { call: 3, id, packet: { type: 'order' } });
    expect([await deliver('here'), await deliver('gone')]).toEqual([true, false]);
  });

  it('abort a request when its sender aborts it, when the sender has left, and at the end', async () => {
    for (const [call, abort] of [
      () => other.to(1).emit('abort', 0),
      () => handlers.left(2),
      () => handlers.abort(),
    ].entries()) {
      signal = undefined;
      const request = other.to(1).request('ask', { call, id: 'here', type: 'wait', timeout: 0 });
      await other.to(1).request('list');
      handlers.left(1);
      expect((signal as AbortSignal | undefined)?.aborted).toBeFalse();
      abort();
      await expectAsync(request).toBeRejectedWithError('aborted');
    }
  });

  it('report an invalid event, and refuse an invalid request', async () => {
    await other.to(1).deliver('publish', 5);
    expect(errors).toEqual([ipcError('ERR_IPC_PROTOCOL')]);
    await expectAsync(other.to(1).request('ask', null)).toBeRejectedWith(ipcError('ERR_IPC_PROTOCOL'));
  });
});
