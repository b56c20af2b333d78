import type { IPCError } from '../../../entities/errors.js';
import { FrameWatch } from '../../../lib/pipes/frame-watch.js';
import { ipcError } from '../../support/errors.js';

describe('A frame watch', () => {
  const watch = (unfinished: () => boolean, paused: () => boolean) => {
    let late: (error: IPCError) => void = () => {};
    const over = new Promise<IPCError>((resolve) => {
      late = resolve;
    });
    return { watch: new FrameWatch({ unfinished, paused, late: (error) => late(error) }), over };
  };

  it('reports a frame whose rest does not come', async () => {
    const { watch: frames, over } = watch(
      () => true,
      () => false,
    );
    frames.touch(5);
    expect(await over).toEqual(ipcError('ERR_IPC_TIMEOUT', 'within 5 ms (config.messageTimeout)'.slice(7)));
  });

  it('waits while the pipe is paused', async () => {
    let asked = 0;
    const { watch: frames, over } = watch(
      () => true,
      () => ++asked < 3,
    );
    frames.touch(2);
    await over;
    expect(asked).toBe(3);
  });

  it('does not report a complete frame', async () => {
    let asked = false;
    const { watch: frames, over } = watch(
      () => {
        asked = true;
        return false;
      },
      () => false,
    );
    frames.touch(1);
    const told = await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 10, 'nothing'))]);
    expect([told, asked]).toEqual(['nothing', true]);
  });
});
