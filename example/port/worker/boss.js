import { Worker } from 'node:worker_threads';
import ipc from 'omni-ipc';

ipc.config.silent = true;

const worker = new Worker(new URL('worker.js', import.meta.url));
const pixels = await ipc.connectToPort('pixels', worker).ready();

const image = new Uint8Array([0, 64, 128]);
const inverted = await pixels.request('invert', ipc.transfer(image, [image.buffer]));
console.log('inverted:', [...inverted], '- ours was handed over:', image.length === 0);

pixels.on('progress', (percent) => console.log(`progress: ${percent} %`));
pixels.emit('work');
await pixels.request('done');
await pixels.close('thank you');
await worker.terminate();
