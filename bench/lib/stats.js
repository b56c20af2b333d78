/** Returns the median of some numbers. */
export function median(numbers) {
  return percentile(numbers, 0.5);
}

/** Returns the quantile `at` (0 to 1) of some numbers. */
export function percentile(numbers, at) {
  const sorted = Float64Array.from(numbers).sort();
  const place = at * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}
