import { once } from 'node:events';
import { join } from 'node:path';
import { IPCClient } from 'omni-ipc/ipc-server';

const path = join(process.env.EXAMPLE_ROOT ?? '/tmp', 'ipc-server');
const [reader, writer] = [new IPCClient({ path }), new IPCClient({ path })];
await Promise.all([reader.connect(), writer.connect()]);

console.log(await reader.request({ cmd: 'say' }));
console.log(await reader.request({ cmd: 'sing' }));

await reader.subscribe('weather');
const news = once(reader, 'weather');
await writer.publish('weather', 'rain');
console.log('weather:', ...(await news));

await Promise.all([reader.close(), writer.close()]);
