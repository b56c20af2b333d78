/** A client with credentials, which attacks use as their victim: `caller.js PATH`. It prints its peak memory when stdin ends. */
import { IPC } from '../../../services/ipc/index.js';

const ipc = new IPC();
Object.assign(ipc.config, { silent: true, credentials: 'open sesame', maxRetries: 0 });
const client = ipc.connectTo('target', process.argv[2] as string);
client.on('error', () => {});
console.log('calling');
process.stdin.resume().on('end', () => {
  console.log(`resident ${Math.round(process.resourceUsage().maxRSS / 1024)}`);
});
