/**
 * The bytes by which the memory of this process grows while it does something. The least of several attempts, because the process
 * may do other work at the same time, such as the collection of garbage.
 * @param size which memory, by default all that is resident
 */
export function leastGrowth(
  act: () => void,
  size: (usage: NodeJS.MemoryUsage) => number = ({ rss }) => rss,
): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = size(process.memoryUsage());
    act();
    least = Math.min(least, size(process.memoryUsage()) - before);
  }
  return least;
}
