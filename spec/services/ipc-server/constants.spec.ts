import {
  IPCErrorCode,
  IPCNetServerEvents,
  IPCNetSocketEvents,
  wait,
} from '../../../services/ipc-server/constants.js';
import { stopTime } from '../../support/clock.js';

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
    const pass = stopTime();
    const over = jasmine.createSpy();
    const waited = wait(20).then(over);
    pass(19);
    await new Promise(setImmediate);
    expect(over).not.toHaveBeenCalled();
    pass(1);
    await waited;
    expect(over).toHaveBeenCalledOnceWith(undefined);
  });
});
