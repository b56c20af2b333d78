import { DEFAULT_LIMITS } from '../../entities/limits.js';
import { msgpackCodec } from '../../lib/codecs/msgpack.js';
import { collidingDoubles } from '../support/collisions.js';
import type { Enemy } from './enemy.js';

/** Sends a Set of colliding numbers in MessagePack. The server must end the connection. */
export async function sendCollidingSet(enemy: Enemy): Promise<void> {
  await enemy.say({ type: 'ipc:hello', data: { session: 'colliding', codecs: ['msgpack'] } });
  await enemy.hear('ipc:welcome');
  const set = msgpackCodec(true).encode(
    ['echo', new Set(collidingDoubles(60_000)), null, null, null],
    DEFAULT_LIMITS,
    4,
  );
  set.writeUInt32LE(set.length - 4);
  await enemy.write(set);
  await enemy.cutOff('for numbers that collide');
}
