import type { PacketView } from '../wire.js';
import { clean, el, field, say, set } from './dom.js';
import { clock, count } from './figures.js';
import type { Model } from './model.js';
import type { View } from './views.js';

const ROW = 24;

/** The packet stream. Only visible rows are in the DOM, even if there are thousands of packets. */
export class PacketsView implements View {
  readonly title = 'Packets';
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #view = el('div', {
    class: 'scroll rows',
    tabindex: '0',
    role: 'table',
    'aria-label': 'Packets; arrow keys choose one',
  });
  readonly #tall = el('div', { class: 'tall', role: 'rowgroup' });
  readonly #filter = el('input', { type: 'search', placeholder: 'type, process, payload…' });
  readonly #direction = el('select', {}, ...['both', 'in', 'out'].map((one) => el('option', {}, one)));
  readonly #errors = el('input', { type: 'checkbox' });
  readonly #shown = el('p', { class: 'hint' });
  readonly #details = el('pre', { tabindex: '0', 'aria-live': 'polite', 'aria-label': 'The chosen packet' });
  readonly #pool: HTMLElement[] = [];
  #found: PacketView[] = [];
  #following = true;
  #chosen: PacketView | undefined;

  constructor(model: Model) {
    this.#model = model;
    for (const input of [this.#filter, this.#direction, this.#errors])
      input.addEventListener('input', () => this.render());
    const clear = el('button', { type: 'button' }, 'Clear');
    clear.addEventListener('click', () => {
      model.clear();
      this.#chosen = undefined;
      this.render();
    });
    this.#view.append(this.#tall);
    this.#view.addEventListener('scroll', () => {
      const { scrollTop, clientHeight, scrollHeight } = this.#view;
      this.#following = scrollTop + clientHeight >= scrollHeight - ROW;
      this.#draw();
    });
    this.#view.addEventListener('keydown', (event) => this.#key(event));
    this.#view.addEventListener('click', (event) => {
      const row = (event.target as Element).closest('[data-index]');
      if (row !== null) this.#choose(Number((row as HTMLElement).dataset.index));
    });
    this.element = el(
      'div',
      { class: 'panel' },
      el(
        'div',
        { class: 'filters' },
        field('Filter', this.#filter),
        field('Direction', this.#direction),
        field('Only errors', this.#errors),
        clear,
        this.#shown,
      ),
      this.#view,
      this.#details,
    );
  }

  render(): void {
    const wanted = this.#filter.value.toLowerCase();
    const direction = this.#direction.value;
    const errors = this.#errors.checked;
    const names = new Map(this.#model.state.processes.map(({ key, program }) => [key, `${program} ${key}`]));
    this.#found = this.#model.packets.filter((one) => {
      if (direction !== 'both' && one.direction !== direction) return false;
      if (errors && one.error === undefined) return false;
      if (wanted === '') return true;
      const text = `${one.type}\n${names.get(one.process) ?? one.process}\n${one.data ?? ''}\n${one.error ?? ''}`;
      return text.toLowerCase().includes(wanted);
    });
    this.#tall.style.height = `${this.#found.length * ROW}px`;
    if (this.#following) this.#view.scrollTop = this.#view.scrollHeight;
    this.#draw();
    const { packets, omitted, paused } = this.#model;
    const shown = `${count(this.#found.length)} of the last ${count(packets.length)}, ${count(omitted)} not shown`;
    say(this.#shown, paused ? `Paused. ${shown}` : shown);
    say(this.#details, this.#chosen === undefined ? this.#hint() : this.#tell(this.#chosen));
  }

  #draw(): void {
    const first = Math.floor(this.#view.scrollTop / ROW);
    const room = Math.ceil(this.#view.clientHeight / ROW) + 1;
    while (this.#pool.length < room) {
      const cells = ['time', 'process', 'way', 'type', 'data'].map((name) =>
        el('span', { class: name, role: 'cell' }),
      );
      const row = el('div', { class: 'row', role: 'row' }, ...cells);
      this.#pool.push(row);
      this.#tall.append(row);
    }
    for (const [number, row] of this.#pool.entries()) {
      const packet = this.#found[first + number];
      row.hidden = packet === undefined || number >= room;
      if (packet === undefined) continue;
      row.style.transform = `translateY(${(first + number) * ROW}px)`;
      row.dataset.index = String(first + number);
      const kinds = ['row', packet.direction];
      if (packet.error !== undefined) kinds.push('error');
      if (packet === this.#chosen) kinds.push('chosen');
      set(row, 'class', kinds.join(' '));
      const [time, process, way, type, data] = row.children as unknown as Element[];
      say(time as Element, clock(packet.time));
      say(process as Element, clean(this.#model.nameOf(packet.process)));
      say(way as Element, packet.direction === 'in' ? '← in' : '→ out');
      say(type as Element, clean(packet.type) + call(packet));
      say(data as Element, clean(packet.error ?? packet.data ?? ''));
    }
  }

  #choose(index: number): void {
    this.#chosen = this.#found[index];
    if (this.#chosen === undefined) return;
    this.#following = false;
    const { scrollTop, clientHeight } = this.#view;
    if (index * ROW < scrollTop) this.#view.scrollTop = index * ROW;
    if ((index + 1) * ROW > scrollTop + clientHeight) this.#view.scrollTop = (index + 1) * ROW - clientHeight;
    this.#draw();
    say(this.#details, this.#tell(this.#chosen));
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined || this.#found.length === 0) return;
    event.preventDefault();
    const at = this.#chosen === undefined ? -1 : this.#found.indexOf(this.#chosen);
    const index = at === -1 ? this.#found.length - 1 : at + step;
    this.#choose(Math.max(0, Math.min(this.#found.length - 1, index)));
  }

  #hint(): string {
    return this.#model.payloads
      ? 'Choose a packet to see its payload.'
      : 'Payloads stay in the programs. omni-ipc web --payloads shows them.';
  }

  #tell(packet: PacketView): string {
    const head = `${clock(packet.time)}  ${this.#model.nameOf(packet.process)}  ${packet.side}  ${packet.direction}  ${packet.type}${call(packet)}`;
    const lines = [clean(head)];
    if (packet.error !== undefined) lines.push(clean(packet.error));
    if (packet.data !== undefined) lines.push(pretty(packet.data));
    return lines.join('\n');
  }
}

/** The id of the request that a packet is, or answers. */
function call({ id, re }: PacketView): string {
  if (id !== undefined) return clean(` #${id}`);
  return re === undefined ? '' : clean(` re #${re}`);
}

function pretty(json: string): string {
  let text = json;
  try {
    text = JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // The payload is truncated.
  }
  return text.split('\n').map(clean).join('\n');
}
