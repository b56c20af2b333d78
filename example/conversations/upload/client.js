import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');
const file = randomBytes(4 * 1024 * 1024); // in place of createReadStream('some.file')

async function* chunks() {
  for (let at = 0; at < file.length; at += 65_536) yield file.subarray(at, at + 65_536);
}

const upload = world.stream('upload', 'some.file', { body: Readable.from(chunks()) });
let shown = -1;
const bar = setInterval(show, 5);
function show() {
  const percent = Math.floor((upload.bytesWritten / file.length) * 100);
  if (percent === shown) return;
  shown = percent;
  console.log(`[${'#'.repeat(percent / 5).padEnd(20)}] ${percent} %`);
}

for await (const digest of upload) {
  console.log('it arrived as it was:', digest === createHash('sha256').update(file).digest('hex'));
}
clearInterval(bar);
show();
await world.close();
