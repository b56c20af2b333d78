import type { Channel, IPCError, Undelivered } from '../../../services/channel/index.js';
import { channelAt, freshRendezvous, type Loose, openChannels } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { heard } from '../../support/events.js';

describe('MessageSender', () => {
  let directory: string;

  beforeEach(() => {
    directory = freshRendezvous();
  });

  it('resolves a delivery when every receiver has the message', async () => {
    const channels = await openChannels(directory, 3);
    const heardBy: number[] = [];
    for (const channel of channels) channel.on('order', () => heardBy.push(channel.pid as number));
    await channels[0]?.to('all').deliver('order', 7);
    expect(heardBy.sort()).toEqual([1, 2, 3]);
    await channels[0]?.to(2).deliver('order', 8);
    expect(heardBy).toEqual([1, 2, 3, 2]);
  });

  it('reports messages for a member that does not join as undelivered after the absence timeout', async () => {
    const channel = await channelAt<Loose>(directory, { absenceTimeout: 200 }).ready();
    const undelivered = heard<Undelivered>(channel as never, 'undelivered', 3);
    channel.to(9).emit('order', 1, 2);
    channel.to('billing').send('hello');
    await expectAsync(channel.to(9).deliver('order', 3)).toBeRejectedWith(
      ipcError('ERR_IPC_UNDELIVERED', 'Member 9'),
    );
    const error = ipcError('ERR_IPC_UNDELIVERED');
    expect(await undelivered).toEqual([
      { to: 9, event: 'order', data: [1, 2], error },
      { to: 'billing', event: 'message', data: ['hello'], error },
      { to: 9, event: 'order', data: [3], error },
    ]);
  });

  it('refuses messages while too many are waiting', async () => {
    const channel = await channelAt<Loose>(directory, {
      maxPendingBytes: 1200,
      absenceTimeout: 60_000,
    }).ready();
    const errors = heard<IPCError>(channel as never, 'error', 1);
    channel.on('undelivered', () => {});
    expect(channel.to(9).send('x'.repeat(600))).toBeTrue();
    expect(channel.to(9).send('x'.repeat(600))).toBeFalse();
    expect(await errors).toEqual([ipcError('ERR_IPC_BACKPRESSURE')]);
    await expectAsync(channel.to(9).deliver('message', 'x'.repeat(600))).toBeRejectedWith(
      ipcError('ERR_IPC_BACKPRESSURE'),
    );
    await channel.to(1).deliver('message', 'there is room for this');
  });

  it('refuses messages that can never be sent, with the reason', async () => {
    const channel = await channelAt<Loose>(directory, { maxMessageSize: 100 }).ready();
    expect(() => channel.to(1).send(1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    expect(() => channel.to(1).send('x'.repeat(100))).toThrow(ipcError('ERR_IPC_TOO_LARGE'));
    expect(() => channel.to(1).emit('connect')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    for (const method of ['emit', 'request', 'stream'] as const)
      expect(() => channel.to(1)[method](1n as never, 1 as never)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    await expectAsync(channel.to(1).deliver('connect')).toBeRejectedWith(ipcError('ERR_IPC_ARGUMENT'));
    void channel.to(1).deliver('connect'); // its rejection may go unhandled
    await new Promise(setImmediate);
    for (const nobody of [0, -1, 1.5, '', Number.NaN, null as unknown as string]) {
      expect(() => channel.to(nobody)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'names no member'));
    }
  });

  it('refuses everything after the channel has closed', async () => {
    const [first] = (await openChannels(directory, 1)) as [Channel];
    const errors = heard<IPCError>(first as never, 'error', 2);
    await first.close();
    await first.close();
    expect(first.to(1).send('late')).toBeFalse();
    expect(first.publish('news')).toBeFalse();
    expect(await errors).toEqual([ipcError('ERR_IPC_CLOSED'), ipcError('ERR_IPC_CLOSED')]);
    for (const promise of [
      first.ready(),
      first.to(1).deliver('message'),
      first.to(1).request('add'),
      first.subscribe('news', () => {}),
    ]) {
      await expectAsync(promise).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
    }
  });
});
