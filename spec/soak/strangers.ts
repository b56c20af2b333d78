import { type Figures, hold } from './promise.js';
import { identityAttacks } from './strangers/identity.js';
import { localAttacks } from './strangers/local.js';
import { memoryAttacks } from './strangers/memory.js';
import { wireAttacks } from './strangers/wire.js';

/** An attack: what it did and what came of that, with figures. It throws where a promise does not hold. */
export type StrangerAttack = () => Promise<string>;

const ATTACKS: Record<string, StrangerAttack> = {
  ...wireAttacks,
  ...memoryAttacks,
  ...identityAttacks,
  ...localAttacks,
};

/** What strangers have tried before, each attack once: against programs that use default settings, where they can. */
export async function strangers(only = ''): Promise<Figures> {
  const figures: Figures = {};
  for (const [name, attack] of Object.entries(ATTACKS)) {
    if (!new RegExp(only).test(name)) continue;
    try {
      figures[name] = await attack();
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
  }
  hold(Object.keys(figures).length > 0 || only !== '', 'there is no attack of strangers');
  return figures;
}
