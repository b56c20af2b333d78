import { ChartsView } from './charts.js';
import { ComposeView } from './compose.js';
import { ConnectionsView } from './connections.js';
import { byId, el, say, set } from './dom.js';
import { follow, send, takeToken } from './feed.js';
import { bytes, count } from './figures.js';
import { MapView } from './map.js';
import { Model } from './model.js';
import { PacketsView } from './packets.js';
import { RequestsView } from './requests.js';
import { Tabs } from './tabs.js';

/** The minimum time between two redraws, in milliseconds. */
const DRAW_MS = 200;
const THEME = 'omni-ipc.theme';

const token = takeToken();
const model = new Model();
const views = [
  new MapView(model),
  new ConnectionsView(model),
  new PacketsView(model),
  new RequestsView(model),
  new ChartsView(model),
  new ComposeView(model, (how, sending) => send(token, how, sending)),
];
const tabs = new Tabs(views);

const totals = ['processes', 'connections', 'messages/s', 'bytes/s', 'open requests', 'queued'].map(
  (name) => {
    const value = el('dd', {}, '–');
    byId('totals').append(el('div', {}, el('dt', {}, name), value));
    return value;
  },
);

let drawn = 0;
let due = false;

/** Schedules a redraw, at most one per DRAW_MS. */
function draw(): void {
  if (due) return;
  due = true;
  const wait = Math.max(0, drawn + DRAW_MS - performance.now());
  setTimeout(() => requestAnimationFrame(paint), wait);
}

function paint(): void {
  due = false;
  drawn = performance.now();
  const { processes } = model.state;
  const sum = (of: (one: (typeof processes)[number]) => number) =>
    processes.reduce((total, one) => total + of(one), 0);
  const figures = [
    count(processes.length),
    count(sum((one) => one.connections)),
    count(sum((one) => one.messages)),
    bytes(sum((one) => one.bytes)),
    count(sum((one) => one.open)),
    bytes(sum((one) => one.queued)),
  ];
  for (const [index, text] of figures.entries()) say(totals[index] as Element, text);
  tabs.view.render();
}

const pause = byId('pause');
function togglePause(): void {
  model.paused = !model.paused;
  set(pause, 'aria-pressed', String(model.paused));
  say(pause, model.paused ? 'Resume' : 'Pause');
  draw();
}
pause.addEventListener('click', togglePause);

const dark = matchMedia('(prefers-color-scheme: dark)');
function theme(chosen: string | null): void {
  const wanted = chosen ?? (dark.matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = wanted;
  say(byId('theme'), wanted === 'dark' ? 'Light' : 'Dark');
  for (const view of views) if ('themed' in view) view.themed();
}
function toggleTheme(): void {
  const wanted = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  localStorage.setItem(THEME, wanted);
  theme(wanted);
}
byId('theme').addEventListener('click', toggleTheme);
dark.addEventListener('change', () => theme(localStorage.getItem(THEME)));
theme(localStorage.getItem(THEME));

addEventListener('keydown', (event) => {
  const { target, key, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey) return;
  if (target instanceof Element && target.matches('input, select, textarea')) return;
  if (key === 'p') togglePause();
  else if (key === 't') toggleTheme();
  else if (/^[1-9]$/.test(key)) tabs.show(Number(key) - 1);
});
addEventListener('resize', draw);

void follow(
  token,
  (told) => {
    model.take(told);
    draw();
  },
  (text, fine) => {
    say(byId('status'), text);
    set(byId('status'), 'class', fine ? 'fine' : 'bad');
  },
);
