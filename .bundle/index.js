import { IPC } from './services/ipc/index.js';
const ipc = new IPC();
export { IPCError } from './entities/errors.js';
export { ClientStatus, } from './entities/events.js';
export { IPC, IPC as IPCModule };
export default ipc;
//# sourceMappingURL=index.js.map