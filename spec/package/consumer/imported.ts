import ipc, { ClientStatus, IPC, IPCError, IPCModule } from 'omni-ipc';
import Defaults from 'omni-ipc/entities/Defaults';
import EventParser from 'omni-ipc/entities/EventParser';
import NodeIPC from 'omni-ipc/services/IPC.js';
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
export const parser: EventParser = new EventParser(ipc.config);
export const frames: string[] = parser.parse(parser.format({ type: 'event', data: new Defaults().id }));
export class Extended extends NodeIPC {}
