/** The middle of some numbers. */
export function median(numbers) {
  return percentile(numbers, 0.5);
}

/** The number below which the part `at` (0 to 1) of the numbers lies. */
export function percentile(numbers, at) {
  const sorted = Float64Array.from(numbers).sort();
  const place = at * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}
