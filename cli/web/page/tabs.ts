import { byId, el, set } from './dom.js';
import type { View } from './views.js';

/** Tabs for the views. Arrow keys move between tabs; number keys select one from anywhere. */
export class Tabs {
  readonly #views: readonly View[];
  readonly #tabs: HTMLButtonElement[] = [];
  readonly #panels: HTMLElement[] = [];
  #shown = 0;

  constructor(views: readonly View[]) {
    this.#views = views;
    for (const [index, { title, element }] of views.entries()) {
      const id = title.toLowerCase();
      const tab = el(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${id}`,
          'aria-controls': `panel-${id}`,
          title: `${title} (${index + 1})`,
        },
        title,
      );
      tab.addEventListener('click', () => this.show(index));
      const panel = el(
        'section',
        { role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}` },
        element,
      );
      this.#tabs.push(tab);
      this.#panels.push(panel);
    }
    const bar = byId('tabs');
    bar.append(...this.#tabs);
    byId('main').append(...this.#panels);
    bar.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.show((this.#shown + step + views.length) % views.length);
      this.#tabs[this.#shown]?.focus();
    });
    this.show(0);
  }

  get view(): View {
    return this.#views[this.#shown] as View;
  }

  show(index: number): void {
    if (this.#views[index] === undefined) return;
    this.#shown = index;
    for (const [number, tab] of this.#tabs.entries()) {
      set(tab, 'aria-selected', String(number === index));
      set(tab, 'tabindex', number === index ? '0' : '-1');
      (this.#panels[number] as HTMLElement).hidden = number !== index;
    }
    this.view.render();
  }
}
