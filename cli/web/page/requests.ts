import type { CallView } from '../wire.js';
import { clean, el, field, say, set } from './dom.js';
import { clock, duration } from './figures.js';
import type { Model } from './model.js';
import type { View } from './views.js';

/** A request as its caller measured it, with its handler's part if that is known; or the handler's part alone. */
interface Span {
  readonly call: CallView;
  readonly handled: CallView | undefined;
}

const ROWS = 40;
/** The tolerated clock difference between processes, in milliseconds. */
const SLACK = 5;

/** A waterfall of requests: the duration of each, and the part that its handler took. */
export class RequestsView implements View {
  readonly title = 'Requests';
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #filter = el('input', { type: 'search', placeholder: 'type, process…' });
  readonly #order = el('select', {}, ...['latest', 'slowest', 'failed'].map((one) => el('option', {}, one)));
  readonly #axis = el('p', { class: 'axis' });
  readonly #rows: HTMLElement[] = [];
  readonly #list = el('div', { class: 'scroll', tabindex: '0', role: 'table', 'aria-label': 'Requests' });

  constructor(model: Model) {
    this.#model = model;
    for (const input of [this.#filter, this.#order]) input.addEventListener('input', () => this.render());
    for (let count = 0; count < ROWS; count++) {
      const bars = el(
        'div',
        { class: 'bars', role: 'cell' },
        el('i', { class: 'asked' }),
        el('i', { class: 'handled' }),
      );
      const cells = ['type', 'process', 'took'].map((name) => el('span', { class: name, role: 'cell' }));
      const row = el('div', { class: 'call', role: 'row' }, ...cells, bars);
      this.#rows.push(row);
      this.#list.append(row);
    }
    this.element = el(
      'div',
      { class: 'panel' },
      el(
        'div',
        { class: 'filters' },
        field('Filter', this.#filter),
        field('Show', this.#order),
        el('span', { class: 'key asked' }, 'request'),
        el('span', { class: 'key handled' }, 'handler'),
        this.#axis,
      ),
      this.#list,
    );
  }

  render(): void {
    const shown = this.#spans();
    const begin = Math.min(...shown.map(({ call }) => call.began));
    const end = Math.max(...shown.map(({ call }) => call.began + call.milliseconds));
    const width = Math.max(1, end - begin);
    const none = 'No request has ended yet.';
    say(this.#axis, shown.length === 0 ? none : `${clock(begin)}, and ${duration(width)} from left to right`);
    for (const [index, row] of this.#rows.entries()) {
      const span = shown[index];
      row.hidden = span === undefined;
      if (span === undefined) continue;
      const { call, handled } = span;
      set(row, 'class', `call${call.error === undefined ? '' : ' error'}`);
      const [type, process, took, bars] = row.children as unknown as [Element, Element, Element, Element];
      say(type, clean(`${call.type} #${call.id}`));
      const name = this.#model.nameOf(call.process);
      const other = handled === undefined ? '' : ` → ${this.#model.nameOf(handled.process)}`;
      say(process, clean(call.kind === 'asked' ? `${name}${other}` : `handled by ${name}`));
      say(
        took,
        clean(
          call.error === undefined
            ? duration(call.milliseconds)
            : `${duration(call.milliseconds)} ${call.error}`,
        ),
      );
      const [asked, inner] = bars.children as unknown as [HTMLElement, HTMLElement];
      lay(asked, call.kind === 'asked' ? call : undefined, begin, width);
      lay(inner, call.kind === 'asked' ? handled : call, begin, width);
    }
  }

  /** The requests to show, each matched with the handler's part. */
  #spans(): Span[] {
    const handled = new Map<string, CallView[]>();
    for (const call of this.#model.calls) {
      if (call.kind !== 'handled') continue;
      const key = `${call.type}\n${call.id}`;
      const same = handled.get(key);
      if (same === undefined) handled.set(key, [call]);
      else same.push(call);
    }
    const spans: Span[] = [];
    for (const call of this.#model.calls) {
      if (call.kind !== 'asked') continue;
      const candidates = handled.get(`${call.type}\n${call.id}`) ?? [];
      const at = candidates.findIndex((one) => within(one, call));
      spans.push({ call, handled: at === -1 ? undefined : candidates.splice(at, 1)[0] });
    }
    for (const rest of handled.values()) for (const call of rest) spans.push({ call, handled: undefined });
    const wanted = this.#filter.value.toLowerCase();
    const order = this.#order.value;
    const found = spans.filter(({ call, handled: other }) => {
      if (order === 'failed' && call.error === undefined) return false;
      if (wanted === '') return true;
      const other_ = other === undefined ? '' : this.#model.nameOf(other.process);
      return `${call.type}\n${this.#model.nameOf(call.process)}\n${other_}`.toLowerCase().includes(wanted);
    });
    const worth = ({ call }: Span) => (order === 'slowest' ? call.milliseconds : call.began);
    return found
      .sort((one, other) => worth(other) - worth(one))
      .slice(0, ROWS)
      .sort((one, other) => (order === 'slowest' ? 0 : one.call.began - other.call.began));
  }
}

function within(inner: CallView, outer: CallView): boolean {
  return (
    inner.began >= outer.began - SLACK &&
    inner.began + inner.milliseconds <= outer.began + outer.milliseconds + SLACK
  );
}

function lay(bar: HTMLElement, call: CallView | undefined, begin: number, width: number): void {
  bar.hidden = call === undefined;
  if (call === undefined) return;
  bar.style.left = `${((100 * (call.began - begin)) / width).toFixed(2)}%`;
  bar.style.width = `${Math.max(0.3, (100 * call.milliseconds) / width).toFixed(2)}%`;
}
