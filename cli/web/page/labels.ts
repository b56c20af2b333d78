/** A point of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A dot with a label, and the approximate width of the label. */
export interface Labelled extends Point {
  readonly width: number;
}

/** Where a label is, relative to its dot. */
export interface Side {
  readonly anchor: 'start' | 'middle' | 'end';
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** At how many points of a line it is tested whether the line crosses a label. */
const STEPS = 64;
/** What it costs a side to cover a dot or another label, in points of lines. */
const COVERED = 80;

/**
 * Chooses a side of its dot for each label, so that as few lines as possible cross the label: below the dot unless another
 * side is better. A label keeps its side as long as dots and lines stay where they are.
 * @param lines points along each line
 * @param gap the distance of a label from the center of its dot
 * @param height the height of a label
 * @param area the size of the picture, which labels must not leave
 */
export function sidesOf(
  dots: readonly Labelled[],
  lines: readonly (readonly Point[])[],
  { gap, height, area }: { gap: number; height: number; area: Point },
): Side[] {
  const [below, above] = [gap + height, -gap];
  const sides: readonly Side[] = [
    { anchor: 'middle', x: 0, y: below },
    { anchor: 'middle', x: 0, y: above },
    { anchor: 'start', x: gap, y: height / 3 },
    { anchor: 'end', x: -gap, y: height / 3 },
    { anchor: 'start', x: -gap / 2, y: below },
    { anchor: 'end', x: gap / 2, y: below },
    { anchor: 'start', x: -gap / 2, y: above },
    { anchor: 'end', x: gap / 2, y: above },
  ];
  const points = lines.flat();
  const taken: Box[] = dots.map(({ x, y }) => ({
    left: x - gap,
    top: y - gap,
    right: x + gap,
    bottom: y + gap,
  }));
  return dots.map((dot, index) => {
    let best = sides[0] as Side;
    let box = boxOf(dot, best, height);
    let least = Number.POSITIVE_INFINITY;
    for (const side of sides) {
      const one = boxOf(dot, side, height);
      let cost = points.filter((point) => isIn(point, one)).length;
      for (const [other, there] of taken.entries())
        if (other !== index && overlap(one, there)) cost += COVERED;
      const outside = Math.max(0, -one.left, -one.top, one.right - area.x, one.bottom - area.y);
      if (outside > 0) cost += COVERED + outside;
      if (cost >= least) continue;
      [best, box, least] = [side, one, cost];
    }
    taken.push(box);
    return best;
  });
}

/** Points along a quadratic curve. */
export function pointsOf(from: Point, middle: Point, to: Point): Point[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const part = step / STEPS;
    const rest = 1 - part;
    const at = (one: number, two: number, three: number) =>
      rest * rest * one + 2 * rest * part * two + part * part * three;
    return { x: at(from.x, middle.x, to.x), y: at(from.y, middle.y, to.y) };
  });
}

function boxOf(dot: Labelled, side: Side, height: number): Box {
  const x = dot.x + side.x;
  const left = side.anchor === 'start' ? x : side.anchor === 'end' ? x - dot.width : x - dot.width / 2;
  const bottom = dot.y + side.y + height / 4;
  return { left, top: bottom - height, right: left + dot.width, bottom };
}

function isIn({ x, y }: Point, { left, top, right, bottom }: Box): boolean {
  return x > left && x < right && y > top && y < bottom;
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
