import { AwaitedConnections } from '../../../services/net-ipc/awaited-connections.js';
import { ipcError } from '../../support/errors.js';

describe('Connections that are awaited', () => {
  let awaited: AwaitedConnections<string>;

  beforeEach(() => {
    jasmine.clock().install();
    awaited = new AwaitedConnections();
  });
  afterEach(() => jasmine.clock().uninstall());

  it('arrive for all who wait for them', async () => {
    const waits = [awaited.wait('a', 1000), awaited.wait('a', 1000)];
    expect([awaited.has('a'), awaited.has('b')]).toEqual([true, false]);
    awaited.arrived('b', 'B');
    awaited.arrived('a', 'A');
    expect(await Promise.all(waits)).toEqual(['A', 'A']);
    expect(awaited.has('a')).toBeFalse();
  });

  it('are given up when the time of the first who waited is over', async () => {
    const first = awaited.wait('a', 1000);
    jasmine.clock().tick(999);
    const second = awaited.wait('a', 1000);
    expect(awaited.has('a')).toBeTrue();
    jasmine.clock().tick(1);
    expect(awaited.has('a')).toBeFalse();
    for (const wait of [first, second])
      await expectAsync(wait).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
  });

  it('are given up all at once, with nothing left behind', async () => {
    const waits = [awaited.wait('a', 1000), awaited.wait('b', 1000)];
    awaited.giveUp();
    for (const wait of waits) await expectAsync(wait).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
    expect([awaited.has('a'), awaited.has('b')]).toEqual([false, false]);
  });
});
