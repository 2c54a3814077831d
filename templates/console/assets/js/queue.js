// Moves through a list of tickets by keys, and says how many are ticked. Focus is the place: it survives an update.
import { addShortcuts } from './shortcuts.js';

const links = () => [...document.querySelectorAll('table.queue .row-link')];

const rowOf = (element) => element?.closest('table.queue tbody tr') ?? null;

function move(step) {
  const all = links();
  if (all.length === 0) return;
  const here = rowOf(document.activeElement)?.querySelector('.row-link');
  const at = all.indexOf(here);
  const next = at === -1 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
}

function tick() {
  const box = rowOf(document.activeElement)?.querySelector('input[type="checkbox"]');
  if (box) box.click();
}

const shortcuts = [
  { keys: 'j', what: 'Next ticket', run: () => move(1) },
  { keys: 'k', what: 'Ticket before', run: () => move(-1) },
  { keys: 'x', what: 'Tick it', run: tick },
  {
    keys: 'o',
    what: 'Open it',
    run: () => rowOf(document.activeElement)?.querySelector('.row-link')?.click(),
  },
];

/** `/` works on every page: where there is no field to type in, it leads to the page that has one. */
const find = {
  keys: '/',
  what: 'Search tickets and mails',
  run: () => {
    const field = document.getElementById('search');
    if (field === null) location.assign(`${document.body.dataset.base}/search`);
    else field.focus();
  },
};

export const listenToQueue = () => {
  addShortcuts([find]);
  if (document.querySelector('table.queue, #giving') === null) return;
  addShortcuts(shortcuts);
  const count = () => {
    const ticked = document.querySelectorAll('input[name="ticket"]:checked').length;
    for (const note of document.querySelectorAll('[data-ticked]'))
      note.textContent = ticked === 0 ? '' : `${ticked} ticked`;
  };
  document.addEventListener('change', count);
  document.addEventListener('desk:updated', count);
  count();
};
