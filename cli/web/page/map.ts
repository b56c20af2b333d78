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

/** The area of the drawing is SIZE * SIZE; its aspect ratio is that of the element. */
const SIZE = 900;
/** The radius of the outer ring, as a fraction of half the picture. */
const OUTER = 0.78;
/** The radius of the outer ring if labels point outwards. */
const TIGHT = 0.66;
const INNER = 0.4;
/** The radius of the inner ring if most nodes are on it. */
const WIDE = 0.58;
/** With more nodes than this on a ring, labels point outwards. */
const CROWDED = 14;
const LONGEST_LABEL = 26;
/** The minimum width of the picture at which process ids are shown, in pixels. */
const NARROW = 500;
/**
 * The size of a label's text on wide and narrow screens, as in the style sheet, and the width of a character relative to
 * it.
 */
const TEXT_SIZE = 18;
const NARROW_TEXT_SIZE = 30;
const CHARACTER = 0.52;
/** How many characters the figures in a label usually take. */
const FIGURES = 9;
/** The distance of a label from the center of its dot. */
const GAP = 24;

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
    const { clientWidth, clientHeight } = this.#picture;
    const shape = Math.min(2, Math.max(0.5, clientWidth / Math.max(1, clientHeight)));
    const [width, height] = [SIZE * Math.sqrt(shape), SIZE / Math.sqrt(shape)];
    set(this.#picture, 'viewBox', `0 0 ${width.toFixed(0)} ${height.toFixed(0)}`);
    const nodes = layout(processes, edges);
    for (const node of nodes) {
      node.x = (width / 2) * (1 + node.x);
      node.y = (height / 2) * (1 + node.y);
    }
    const places = new Map(nodes.map((node) => [node.key, node]));
    this.#drawEdges(edges, places);
    this.#drawNodes(
      nodes,
      nodes.length > CROWDED ? [] : this.#sides(nodes, edges, places, { x: width, y: height }),
    );
    this.#tell(processes, edges);
  }

  /** The side of its dot on which each label is. */
  #sides(
    nodes: readonly Node[],
    edges: readonly EdgeView[],
    places: ReadonlyMap<string, Node>,
    area: Point,
  ): Side[] {
    const narrow = this.#picture.clientWidth < NARROW;
    const size = narrow ? NARROW_TEXT_SIZE : TEXT_SIZE;
    const dots = nodes.map(({ x, y, label, short }) => {
      const characters = (narrow ? short : label).length + FIGURES;
      return { x, y, width: characters * CHARACTER * size };
    });
    const lines: Point[][] = [];
    for (const { from, to } of edges) {
      const [one, other] = [places.get(from), places.get(to)];
      if (one === undefined || other === undefined) continue;
      lines.push(
        one === other
          ? pointsOf(one, { x: one.x, y: one.y - 120 }, one)
          : pointsOf(one, bend(one, other), other),
      );
    }
    return sidesOf(dots, lines, { gap: GAP, height: size, area });
  }

  #drawNodes(nodes: readonly Node[], sides: readonly Side[]): void {
    const there = new Set(nodes.map(({ key }) => key));
    for (const [key, group] of this.#nodes) {
      if (there.has(key)) continue;
      group.remove();
      this.#nodes.delete(key);
    }
    const crowded = nodes.length > CROWDED;
    const narrow = this.#picture.clientWidth < NARROW;
    set(this.#picture, 'class', crowded ? 'crowded' : '');
    for (const [index, node] of nodes.entries()) {
      const group = this.#nodes.get(node.key) ?? this.#addNode(node.key);
      const process = this.#model.state.processes.find(({ key }) => key === node.key);
      set(group, 'transform', `translate(${node.x.toFixed(1)} ${node.y.toFixed(1)})`);
      const state = process?.blocked === true ? ' blocked' : '';
      set(group, 'class', `node ${node.kind}${state}${node.key === this.#chosen ? ' chosen' : ''}`);
      const [dot, label] = group.children as unknown as [SVGCircleElement, SVGTextElement];
      set(dot, 'r', String(crowded ? 11 : 16));
      const left = Math.cos(node.angle) < 0;
      const degrees = (node.angle * 180) / Math.PI;
      const side = sides[index];
      const away = 18;
      set(label, 'text-anchor', side?.anchor ?? (left ? 'end' : 'start'));
      set(
        label,
        'transform',
        side === undefined
          ? `rotate(${(left ? degrees + 180 : degrees).toFixed(1)}) translate(${left ? -away : away} 5)`
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
      set(path, 'stroke-width', (1.5 + 2.5 * Math.log10(1 + edge.messages)).toFixed(2));
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

/**
 * Places servers on the inner ring and all others on the outer ring, each in the order of their ids, so that nodes keep
 * their places. Coordinates are fractions of half the picture, from its center.
 */
function layout(processes: readonly ProcessView[], edges: readonly EdgeView[]): Node[] {
  const serves = (one: ProcessView) =>
    one.instances.some(({ kind, peers }) => kind === 'server' && peers > 0);
  const known = new Set(processes.map(({ key }) => key));
  const addresses = [...new Set(edges.map(({ to }) => to))].filter((to) => !known.has(to)).sort();
  const node = (key: string, label: string, kind: Node['kind']): Node => {
    const text = clean(label);
    const short = text.length > LONGEST_LABEL ? `…${text.slice(1 - LONGEST_LABEL)}` : text;
    return { key, label: short, short: short.split(' ')[0] ?? '', kind, x: 0, y: 0, angle: 0 };
  };
  const named = (one: ProcessView, kind: Node['kind']) =>
    node(one.key, `${one.program.split('/').at(-1) ?? ''} ${one.key}`, kind);
  const inner = processes.filter(serves).map((one) => named(one, 'server'));
  inner.push(...addresses.map((address) => node(address, address, 'address')));
  const outer = processes.filter((one) => !serves(one)).map((one) => named(one, 'client'));
  place(inner, outer.length === 0 ? OUTER : outer.length < inner.length ? WIDE : INNER);
  place(outer, outer.length > CROWDED ? TIGHT : OUTER);
  return [...inner, ...outer];
}

function place(nodes: readonly Node[], radius: number): void {
  for (const [index, node] of nodes.entries()) {
    node.angle = (2 * Math.PI * index) / nodes.length - Math.PI / 2;
    const away = nodes.length === 1 && radius < OUTER ? 0 : radius;
    if (away === 0) node.angle = 0;
    node.x = away * Math.cos(node.angle);
    node.y = away * Math.sin(node.angle);
  }
}

function curve(from: Node, to: Node): string {
  const point = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (from === to) {
    const { x, y } = from;
    return `M${point(x - 8, y - 12)}C${point(x - 60, y - 80)} ${point(x + 60, y - 80)} ${point(x + 8, y - 12)}`;
  }
  const middle = bend(from, to);
  return `M${point(from.x, from.y)}Q${point(middle.x, middle.y)} ${point(to.x, to.y)}`;
}

/** The control point of a line. Lines bend to one side, so that those of both directions are apart. */
function bend(from: Point, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return { x: (from.x + to.x) / 2 - dy * 0.12, y: (from.y + to.y) / 2 + dx * 0.12 };
}
