import ipc, { IPC, IPCError } from 'omni-ipc';
import { IPC as PlainIPC } from 'omni-ipc/ipc';

const instances: IPC[] = [ipc, new IPC(), new ipc.IPC()];
const plain: PlainIPC = new PlainIPC();
ipc.connectTo('world', () => {
  const world = ipc.of.world;
  console.log(world, 'connected'.debug, instances.length, plain);
});
export const isOurs = (error: unknown): error is IPCError => error instanceof IPCError;
