import { pointsOf, sidesOf } from '../../../../cli/web/page/labels.js';

const LOOKS = { gap: 24, height: 18, area: { x: 1000, y: 1000 } };
const dot = { x: 500, y: 500, width: 200 };

/** Points along a straight line. */
function line(x: number, y: number, from = dot) {
  return pointsOf(from, { x: (from.x + x) / 2, y: (from.y + y) / 2 }, { x, y });
}

describe('The labels of the map', () => {
  it('are below their dots unless a line passes there', () => {
    expect(sidesOf([dot], [line(500, 0)], LOOKS)).toEqual([{ anchor: 'middle', x: 0, y: 42 }]);
    expect(sidesOf([dot], [line(500, 1000)], LOOKS)).toEqual([{ anchor: 'middle', x: 0, y: -24 }]);
  });

  it('are beside their dots if lines lead up and down', () => {
    const [side] = sidesOf([dot], [line(500, 0), line(500, 1000), line(1000, 500)], LOOKS);
    expect(side).toEqual({ anchor: 'end', x: -24, y: 6 });
  });

  it('stay inside the picture', () => {
    const [left] = sidesOf([{ x: 30, y: 500, width: 200 }], [], LOOKS);
    expect(left).toEqual({ anchor: 'start', x: 24, y: 6 });
    const [bottom] = sidesOf([{ x: 500, y: 970, width: 200 }], [], LOOKS);
    expect(bottom).toEqual({ anchor: 'middle', x: 0, y: -24 });
    const [corner] = sidesOf([{ x: 980, y: 970, width: 200 }], [], LOOKS);
    expect(corner).toEqual({ anchor: 'end', x: -24, y: 6 });
  });

  it('cover neither each other nor another dot', () => {
    const sides = sidesOf([dot, { x: 500, y: 545, width: 200 }], [], LOOKS);
    expect(sides.map(({ y }) => y)).toEqual([-24, 42]);
    const neighbors = sidesOf([dot, { x: 650, y: 500, width: 200 }], [], LOOKS);
    expect(neighbors.map(({ y }) => y)).toEqual([42, -24]);
  });
});
