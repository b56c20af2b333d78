import ipc = require('omni-ipc');

const other = new ipc.IPC();
ipc.connectTo('world', () => console.log(ipc.of.world, other));
