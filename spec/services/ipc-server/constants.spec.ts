import {
  IPCErrorCode,
  IPCNetServerEvents,
  IPCNetSocketEvents,
  wait,
} from '../../../services/ipc-server/constants.js';

describe('The constants of ipc-server', () => {
  it("are the original's", () => {
    expect(IPCErrorCode).toEqual({ ConnectionDestroyed: 498 });
    expect([IPCNetSocketEvents.DATA, IPCNetSocketEvents.DONE]).toEqual(['readable', 'done']);
    expect([IPCNetServerEvents.CONNECTION, IPCNetServerEvents.SECURECONNECTION]).toEqual([
      'connection',
      'secureConnection',
    ]);
  });

  it('include a function that waits', async () => {
    const since = performance.now();
    expect(await wait(20)).toBeUndefined();
    expect(performance.now() - since).toBeGreaterThan(18);
  });
});
