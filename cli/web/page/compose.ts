import type { Outcome, Sending } from '../wire.js';
import { clean, el, field } from './dom.js';
import { clock, duration } from './figures.js';
import type { Model } from './model.js';
import type { View } from './views.js';

const MOST_OUTCOMES = 50;

/** A form that emits events and sends requests. */
export class ComposeView implements View {
  readonly title = 'Compose';
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #send: (how: 'emit' | 'request', sending: Sending) => Promise<Outcome>;
  readonly #address = el('select', { required: '', name: 'address' });
  readonly #type = el('input', { required: '', name: 'type', autocomplete: 'off', spellcheck: 'false' });
  readonly #data = el('textarea', {
    rows: '6',
    name: 'data',
    spellcheck: 'false',
    placeholder: '{"hello":"world"}',
  });
  readonly #outcomes = el('ol', { role: 'log', 'aria-label': 'Results' });

  constructor(model: Model, send: (how: 'emit' | 'request', sending: Sending) => Promise<Outcome>) {
    this.#model = model;
    this.#send = send;
    const emit = el('button', { type: 'button' }, 'Emit');
    const request = el('button', { type: 'submit', class: 'first' }, 'Request');
    const form = el(
      'form',
      { class: 'compose' },
      field('Server', this.#address),
      field('Type', this.#type),
      field('Data (JSON)', this.#data),
      el(
        'div',
        { class: 'buttons' },
        request,
        emit,
        el('span', { class: 'hint' }, 'Ctrl+Enter sends the request'),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#go('request');
    });
    emit.addEventListener('click', () => {
      if (form.reportValidity()) void this.#go('emit');
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    this.element = el('div', { class: 'panel composer' }, form, this.#outcomes);
  }

  render(): void {
    const servers = this.#model.state.processes.flatMap((process) =>
      process.instances.filter(({ kind, status }) => kind === 'server' && status === 'listening'),
    );
    const addresses = [...new Set(servers.map(({ name }) => name))].sort();
    const known = [...this.#address.options].map(({ value }) => value);
    if (known.join('\n') === addresses.join('\n')) return;
    const chosen = this.#address.value;
    this.#address.replaceChildren(
      ...addresses.map((address) => el('option', { value: address }, clean(address))),
    );
    if (addresses.includes(chosen)) this.#address.value = chosen;
  }

  async #go(how: 'emit' | 'request'): Promise<void> {
    const text = this.#data.value.trim();
    const sending: Sending = { address: this.#address.value, type: this.#type.value };
    let outcome: Outcome;
    try {
      const data = text === '' ? {} : { data: JSON.parse(text) };
      outcome = await this.#send(how, { ...sending, ...data });
    } catch (error) {
      outcome = { ok: false, code: 'data', message: (error as Error).message };
    }
    const answer = outcome.ok
      ? `${how === 'emit' ? 'sent' : JSON.stringify(outcome.data ?? null)} (${duration(outcome.milliseconds)})`
      : `${outcome.code}: ${outcome.message}`;
    this.#outcomes.prepend(
      el(
        'li',
        outcome.ok ? {} : { class: 'error' },
        el('span', { class: 'time' }, clock(Date.now())),
        clean(` ${how} ${sending.type} → `),
        clean(answer),
      ),
    );
    while (this.#outcomes.children.length > MOST_OUTCOMES) this.#outcomes.lastElementChild?.remove();
  }
}
