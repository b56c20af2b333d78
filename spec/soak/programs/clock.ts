/** Exchanges messages with itself while the clock jumps back and forth by years: `clock.js SOCKET`. */
const now = Date.now;
const YEAR = 365 * 24 * 3600 * 1000;
let offset = 0;
let jumps = 0;
Date.now = () => now() + offset;
setInterval(() => {
  offset = (++jumps % 2 ? 1 : -1) * Math.floor(Math.random() * 3) * YEAR;
}, 3).unref();

const { IPC } = await import('../../../services/ipc/index.js');
const path = process.argv[2] as string;
const settings = { silent: true, retry: 2, messageTimeout: 60_000, handshakeTimeout: 60_000 };

const ipc = new IPC();
Object.assign(ipc.config, settings);
const server = ipc.serve(path);
server.handle('double', async (number: number) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return number * 2;
});
server.handle('never', () => new Promise(() => {}));
await server.start();
const client = await ipc.connectTo('world', path).ready();

let answers = 0;
for (let round = 0; round < 5; round++) {
  const options = { retries: 5, timeout: 60_000 };
  const asked = Array.from({ length: 100 }, (_, i) => client.request('double', i, options));
  for (const [i, answer] of (await Promise.all(asked)).entries()) {
    if (answer !== i * 2) throw new Error(`The double of ${i} was said to be ${answer}`);
    answers++;
  }
  const since = performance.now();
  const code = await client.request('never', 1, { timeout: 100 }).catch((error) => error.code);
  const took = performance.now() - since;
  if (code !== 'ERR_IPC_TIMEOUT' || took < 95 || took > 60_000) throw new Error(`${code} after ${took} ms`);
  await server.stop({ timeout: 200 });
  await server.start();
  await client.ready();
}
await client.close();
await server.stop({ timeout: 200 });
console.log(`${answers} answers and 5 timeouts in time, with ${jumps} jumps`);
