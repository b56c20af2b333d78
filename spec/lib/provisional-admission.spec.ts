import { NodeIpcDialect } from '../../lib/dialects/node-ipc.js';
import { OfflineQueue } from '../../lib/offline-queue.js';
import { ProvisionalAdmission } from '../../lib/provisional-admission.js';
import { bytePipe } from '../support/pipes.js';
import { socketPair } from '../support/sockets.js';

describe('A provisional admission', () => {
  beforeEach(() => jasmine.clock().install());
  afterEach(() => jasmine.clock().uninstall());

  async function make() {
    jasmine.clock().uninstall();
    const { socket } = await socketPair();
    jasmine.clock().install();
    const pipe = bytePipe(socket);
    const queue = new OfflineQueue(new NodeIpcDialect('\f'), fail);
    const confirmed = jasmine.createSpy('confirmed');
    const admission = new ProvisionalAdmission(queue, 1000, confirmed);
    queue.push({ type: 'a', data: 1 }, 1000);
    queue.release(pipe, () => true);
    return { queue, admission, confirmed };
  }

  it('keeps what is sent, so that it can be sent again', async () => {
    const { queue, admission } = await make();
    queue.restoreSent();
    admission.end();
    expect(queue.length).toBe(1);
  });

  it('keeps no state after its end, and calls no callback', async () => {
    const { queue, admission, confirmed } = await make();
    admission.end();
    queue.restoreSent();
    jasmine.clock().tick(10_000);
    expect(queue.length).toBe(0);
    expect(confirmed).not.toHaveBeenCalled();
  });

  it('counts as confirmed after a second without a refusal', async () => {
    const { admission, confirmed } = await make();
    jasmine.clock().tick(999);
    expect(confirmed).not.toHaveBeenCalled();
    jasmine.clock().tick(1);
    expect(confirmed).toHaveBeenCalledTimes(1);
    admission.end();
  });
});
