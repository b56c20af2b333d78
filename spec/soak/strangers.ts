import { type Figures, hold } from './promise.js';
import { identityAttacks } from './strangers/identity.js';
import { localAttacks } from './strangers/local.js';
import { memoryAttacks } from './strangers/memory.js';
import { wireAttacks } from './strangers/wire.js';

/** An attack. It returns what it did and the outcome, with figures. It throws if a guarantee does not hold. */
export type StrangerAttack = () => Promise<string>;

const ATTACKS: Record<string, StrangerAttack> = {
  ...wireAttacks,
  ...memoryAttacks,
  ...identityAttacks,
  ...localAttacks,
};

/** Runs known attacks, each once, against programs with default settings where possible. */
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
