import ipc, { ClientStatus, IPC, IPCError, IPCModule } from 'omni-ipc';
import 'omni-ipc/styles';
import { IPC as PlainIPC } from 'omni-ipc/ipc';

const instances: IPC[] = [ipc, new IPC(), new ipc.IPC(), new IPCModule()];
const plain: PlainIPC = new PlainIPC();
ipc.connectTo('world', () => {
  const world = ipc.of.world;
  console.log(world, 'connected'.debug, instances.length, plain);
});
export const isOurs = (error: unknown): error is IPCError => error instanceof IPCError;
export const isReady = ipc.of.world?.status === ClientStatus.READY;
