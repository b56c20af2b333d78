import ipc = require('omni-ipc');
import Defaults = require('omni-ipc/entities/Defaults');
import EventParser = require('omni-ipc/entities/EventParser.js');
import NodeIPC = require('omni-ipc/services/IPC');
import netIpc = require('omni-ipc/net-ipc');

const { ClientStatus, IPCError, IPCModule } = ipc;
const others: ipc.IPC[] = [new ipc.IPC(), new IPCModule(), ipc.default];
const world: ipc.Client<{ events: { message: string } }> = ipc.connectTo('world', () => {
  console.log(ipc.of.world, others, ClientStatus.READY, new netIpc.Client(), netIpc.default.Client);
});
world.on('error', (error: ipc.IPCError) => console.log(error instanceof IPCError));
export const parser: EventParser = new EventParser(new Defaults());
export class Extended extends NodeIPC {}
