import ipc from 'omni-ipc';
import type { World } from './contract.js';

ipc.config.silent = true;

const world = ipc.connectTo<World>('world');
world.on('message', (text) => console.log('got', text));
world.emit('message', 'hello');

const sum: number = await world.request('add', [2, 40]);
console.log('2 + 40 =', sum);

await world.close();

/** What the compiler does not let pass. */
export function mistakes(): void {
  // @ts-expect-error: the contract says a string
  world.emit('message', 42);
  // @ts-expect-error: there is no such event
  world.emit('massage', 'hello');
  // @ts-expect-error: two numbers are asked for
  void world.request('add', ['2', '40']);
  // @ts-expect-error: a number is answered
  world.request('add', [2, 40]).then((text: string) => text);
}
