import { fork } from 'node:child_process';
import ipc from 'omni-ipc';

ipc.config.silent = true;

// Without `advanced`, Node sends JSON between processes.
const child = fork(new URL('child.js', import.meta.url), { serialization: 'advanced' });
const counter = ipc.connectToPort('counter', child);

const counts = await counter.request('count', 'to be or not to be');
console.log('counted:', [...counts]);

await counter.close();
child.disconnect();
