import type { EdgeView, ProcessView } from '../wire.js';
import { clean, el, say, set, svg } from './dom.js';
import { bytes, count, duration } from './figures.js';
import { type Point, pointsOf, type Side, sidesOf } from './labels.js';
import type { Model } from './model.js';
import type { View } from './views.js';

interface Node {
  readonly key: string;
  readonly label: string;
  /** A shorter label for narrow layouts. */
  readonly short: string;
  readonly kind: 'server' | 'client' | 'address';
  x: number;
  y: number;
  angle: number;
}

/** The size of the picture while it is not laid out, in pixels. */
const UNKNOWN = { x: 900, y: 600 };
/** The radius of the outer ring, as a fraction of half the picture. */
const OUTER = 0.78;
/** The least radius of the outer ring if its labels point outwards. */
const TIGHT = 0.3;
const INNER = 0.4;
/** The radius of the inner ring if most nodes are on it. */
const WIDE = 0.58;
/** With more nodes than this, labels point outwards. */
const CROWDED = 14;
const LONGEST_LABEL = 26;
/** The minimum width of the picture at which labels have their whole length and process ids, in pixels. */
const NARROW = 500;
const LONGEST_NARROW = 14;
/** The size of a label's text, as in the style sheet, and the width of a character relative to it. */
const TEXT_SIZE = 13;
const CROWDED_TEXT_SIZE = 11;
const CHARACTER = 0.57;
/** How many characters the figures in a label usually take. */
const FIGURES = 9;
/** The distance of a label from the center of its dot, and of one that points outwards. */
const GAP = 18;
const CROWDED_GAP = 13;
/** How far the line of a process that talks to itself is drawn upwards. */
const LOOP = 55;

/**
 * A map of the processes and their connections. Servers are on the inner ring. The width of a line is the logarithm of its
 * messages per second.
 */
export class MapView implements View {
  readonly title = 'Map';
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #picture = svg('svg', {
    role: 'group',
    'aria-label': 'Map of processes and who talks to whom',
  });
  readonly #lines = svg('g');
  readonly #dots = svg('g');
  readonly #details = el('aside', { 'aria-live': 'polite', 'aria-label': 'The chosen process' });
  readonly #nodes = new Map<string, SVGGElement>();
  readonly #edges = new Map<string, SVGPathElement>();
  #chosen: string | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.#picture.append(this.#lines, this.#dots);
    this.element = el('div', { class: 'map' }, el('div', { class: 'picture' }, this.#picture), this.#details);
  }

  render(): void {
    const { processes, edges } = this.#model.state;
    // A unit of the drawing is a pixel, so that text has the same size in every picture.
    const { clientWidth, clientHeight } = this.#picture;
    const area = { x: clientWidth || UNKNOWN.x, y: clientHeight || UNKNOWN.y };
    const narrow = area.x < NARROW;
    set(this.#picture, 'viewBox', `0 0 ${area.x} ${area.y}`);
    const nodes = layout(processes, edges, narrow);
    const crowded = nodes.length > CROWDED;
    const longest = Math.max(0, ...nodes.map(({ label }) => label.length));
    const label = crowded ? longest * CHARACTER * CROWDED_TEXT_SIZE + CROWDED_GAP : 0;
    for (const node of nodes) {
      node.x = (area.x / 2) * (1 + node.x * shrinking(area.x / 2, label));
      node.y = (area.y / 2) * (1 + node.y * shrinking(area.y / 2, label));
    }
    const places = new Map(nodes.map((node) => [node.key, node]));
    this.#drawEdges(edges, places);
    this.#drawNodes(nodes, crowded ? [] : sides(nodes, edges, places, area, narrow), narrow);
    this.#tell(processes, edges);
  }

  #drawNodes(nodes: readonly Node[], sides: readonly Side[], narrow: boolean): void {
    const there = new Set(nodes.map(({ key }) => key));
    for (const [key, group] of this.#nodes) {
      if (there.has(key)) continue;
      group.remove();
      this.#nodes.delete(key);
    }
    const crowded = nodes.length > CROWDED;
    set(this.#picture, 'class', crowded ? 'crowded' : '');
    for (const [index, node] of nodes.entries()) {
      const group = this.#nodes.get(node.key) ?? this.#addNode(node.key);
      const process = this.#model.state.processes.find(({ key }) => key === node.key);
      set(group, 'transform', `translate(${node.x.toFixed(1)} ${node.y.toFixed(1)})`);
      const state = process?.blocked === true ? ' blocked' : '';
      set(group, 'class', `node ${node.kind}${state}${node.key === this.#chosen ? ' chosen' : ''}`);
      const [dot, label] = group.children as unknown as [SVGCircleElement, SVGTextElement];
      set(dot, 'r', String(crowded ? (narrow ? 6 : 8) : 12));
      const left = Math.cos(node.angle) < 0;
      const degrees = (node.angle * 180) / Math.PI;
      const side = sides[index];
      set(label, 'text-anchor', side?.anchor ?? (left ? 'end' : 'start'));
      set(
        label,
        'transform',
        side === undefined
          ? `rotate(${(left ? degrees + 180 : degrees).toFixed(1)}) translate(${left ? -CROWDED_GAP : CROWDED_GAP} 4)`
          : `translate(${side.x} ${side.y})`,
      );
      const figures = process === undefined ? 'not inspected' : `${count(process.messages)}/s`;
      say(label, crowded ? node.label : `${narrow ? node.short : node.label} · ${figures}`);
      set(group, 'aria-label', `${node.label}, ${figures}`);
    }
  }

  #addNode(key: string): SVGGElement {
    const group = svg('g', { tabindex: '0', role: 'button' }, svg('circle'), svg('text'));
    const choose = () => {
      this.#chosen = this.#chosen === key ? undefined : key;
      this.render();
    };
    group.addEventListener('click', choose);
    group.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose();
    });
    this.#dots.append(group);
    this.#nodes.set(key, group);
    return group;
  }

  #drawEdges(edges: readonly EdgeView[], places: ReadonlyMap<string, Node>): void {
    const there = new Set<string>();
    const thin = places.size > CROWDED ? 0.7 : 1;
    for (const edge of edges) {
      const [from, to] = [places.get(edge.from), places.get(edge.to)];
      if (from === undefined || to === undefined) continue;
      const id = `${edge.from} ${edge.to} ${edge.address}`;
      there.add(id);
      let path = this.#edges.get(id);
      if (path === undefined) {
        path = svg('path', {}, svg('title'));
        this.#lines.append(path);
        this.#edges.set(id, path);
      }
      set(path, 'd', curve(from, to));
      set(path, 'stroke-width', ((1.2 + 1.9 * Math.log10(1 + edge.messages)) * thin).toFixed(2));
      const chosen = this.#chosen === undefined || this.#chosen === edge.from || this.#chosen === edge.to;
      set(path, 'class', `${edge.messages > 0 ? 'edge busy' : 'edge'}${chosen ? '' : ' faded'}`);
      const text = `${clean(edge.address)}: ${edge.clients} clients, ${count(edge.messages)} messages/s, ${bytes(edge.bytes)}/s`;
      say(path.firstElementChild as Element, text);
    }
    for (const [id, path] of this.#edges) {
      if (there.has(id)) continue;
      path.remove();
      this.#edges.delete(id);
    }
  }

  /** Describes the selected process. */
  #tell(processes: readonly ProcessView[], edges: readonly EdgeView[]): void {
    const chosen = processes.find(({ key }) => key === this.#chosen);
    const lines: HTMLElement[] = [];
    if (chosen === undefined) {
      const hint =
        processes.length === 0
          ? 'No program is inspected. Start one with: node --import omni-ipc/inspect app.js'
          : 'Choose a process to see its figures. Lines lead from clients to servers; the wider, the more messages.';
      lines.push(el('p', { class: 'hint' }, hint));
    } else {
      const facts: [string, string][] = [
        ['process', chosen.key],
        ['Node', chosen.node],
        ['running for', duration(Math.max(0, this.#model.state.time - chosen.since))],
        ['processor', `${chosen.cpu} %, event loop ${Math.round(chosen.busy * 100)} %`],
        ['memory', bytes(chosen.memory)],
        ['messages', `${count(chosen.messages)}/s, ${bytes(chosen.bytes)}/s`],
        ['open requests', `${chosen.open}, ${chosen.answering} being handled`],
        ['queued', bytes(chosen.queued)],
      ];
      lines.push(el('h2', {}, clean(chosen.program)));
      lines.push(
        el('dl', {}, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, clean(value))])),
      );
      const talks = edges.filter(({ from, to }) => from === chosen.key || to === chosen.key);
      if (talks.length > 0) lines.push(el('h3', {}, 'Talks'));
      lines.push(
        el('ul', {}, ...talks.slice(0, 20).map((edge) => el('li', {}, this.#talk(edge, chosen.key)))),
      );
      if (chosen.slowest.length > 0) lines.push(el('h3', {}, 'Slowest handlers'));
      lines.push(
        el(
          'ul',
          {},
          ...chosen.slowest.map((slow) =>
            el(
              'li',
              {},
              `${clean(slow.type)}: ${duration(slow.mean)} on average, ${duration(slow.most)} at most`,
            ),
          ),
        ),
      );
    }
    const text = lines.map((line) => line.textContent).join('\n');
    if (this.#details.dataset.text !== text) {
      this.#details.dataset.text = text;
      this.#details.replaceChildren(...lines);
    }
  }

  #talk({ from, to, address, messages }: EdgeView, key: string): string {
    const other = this.#model.nameOf(from === key ? to : from);
    return clean(`${from === key ? 'to' : 'from'} ${other}, ${address}: ${count(messages)}/s`);
  }
}

/** The side of its dot on which each label is. */
function sides(
  nodes: readonly Node[],
  edges: readonly EdgeView[],
  places: ReadonlyMap<string, Node>,
  area: Point,
  narrow: boolean,
): Side[] {
  const dots = nodes.map(({ x, y, label, short }) => {
    const characters = (narrow ? short : label).length + FIGURES;
    return { x, y, width: characters * CHARACTER * TEXT_SIZE };
  });
  const lines: Point[][] = [];
  for (const { from, to } of edges) {
    const [one, other] = [places.get(from), places.get(to)];
    if (one === undefined || other === undefined) continue;
    lines.push(
      one === other
        ? pointsOf(one, { x: one.x, y: one.y - LOOP * 1.5 }, one)
        : pointsOf(one, bend(one, other), other),
    );
  }
  return sidesOf(dots, lines, { gap: GAP, height: TEXT_SIZE, area });
}

/** How much the outer ring shrinks along an axis, so that labels which point outwards stay in the picture. */
function shrinking(half: number, label: number): number {
  return Math.min(OUTER, Math.max(TIGHT, 1 - label / half)) / OUTER;
}

/**
 * Places servers on the inner ring and all others on the outer ring, each in the order of their ids, so that nodes keep
 * their places. Coordinates are fractions of half the picture, from its center.
 */
function layout(processes: readonly ProcessView[], edges: readonly EdgeView[], narrow: boolean): Node[] {
  const longest = narrow ? LONGEST_NARROW : LONGEST_LABEL;
  const serves = (one: ProcessView) =>
    one.instances.some(({ kind, peers }) => kind === 'server' && peers > 0);
  const known = new Set(processes.map(({ key }) => key));
  const addresses = [...new Set(edges.map(({ to }) => to))].filter((to) => !known.has(to)).sort();
  const node = (key: string, label: string, kind: Node['kind']): Node => {
    const text = clean(label);
    const short = text.length > longest ? `…${text.slice(1 - longest)}` : text;
    return { key, label: short, short: short.split(' ')[0] ?? '', kind, x: 0, y: 0, angle: 0 };
  };
  const named = (one: ProcessView, kind: Node['kind']) =>
    node(one.key, `${one.program.split('/').at(-1) ?? ''} ${one.key}`, kind);
  const inner = processes.filter(serves).map((one) => named(one, 'server'));
  inner.push(...addresses.map((address) => node(address, address, 'address')));
  const outer = processes.filter((one) => !serves(one)).map((one) => named(one, 'client'));
  // Labels that point outwards from the inner ring pass between the nodes of the outer one.
  const turn = inner.length + outer.length > CROWDED && outer.length > 0 ? Math.PI / outer.length : 0;
  place(inner, outer.length === 0 ? OUTER : outer.length < inner.length ? WIDE : INNER, turn);
  place(outer, OUTER, 0);
  return [...inner, ...outer];
}

/** @param turn by how much the first node is away from the top, in radians */
function place(nodes: readonly Node[], radius: number, turn: number): void {
  for (const [index, node] of nodes.entries()) {
    node.angle = (2 * Math.PI * index) / nodes.length - Math.PI / 2 + turn;
    const away = nodes.length === 1 && radius < OUTER ? 0 : radius;
    if (away === 0) node.angle = turn;
    node.x = away * Math.cos(node.angle);
    node.y = away * Math.sin(node.angle);
  }
}

function curve(from: Node, to: Node): string {
  const point = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (from === to) {
    const { x, y } = from;
    return `M${point(x - 6, y - 9)}C${point(x - LOOP, y - LOOP)} ${point(x + LOOP, y - LOOP)} ${point(x + 6, y - 9)}`;
  }
  const middle = bend(from, to);
  return `M${point(from.x, from.y)}Q${point(middle.x, middle.y)} ${point(to.x, to.y)}`;
}

/** The control point of a line. Lines bend to one side, so that those of both directions are apart. */
function bend(from: Point, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return { x: (from.x + to.x) / 2 - dy * 0.12, y: (from.y + to.y) / 2 + dx * 0.12 };
}
