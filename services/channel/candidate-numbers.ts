/**
 * The numbers that a member tries to acquire, in order: those that are remembered for its name, then all others that are
 * not remembered for another name.
 * @param remembered the names by their numbers
 */
export function* candidateNumbers(
  remembered: ReadonlyMap<number, string>,
  name: string | undefined,
): Generator<number> {
  for (const [number, owner] of remembered) if (owner === name) yield number;
  for (let number = 1; ; number++) if (!remembered.has(number)) yield number;
}
