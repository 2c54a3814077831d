const SILENCED = 'purgedesk-shortcuts-off';
const PATIENCE_MS = 1_200;

/** What each key does, in the order of the overlay. `keys`: one key, or two with a blank between: `g q`. */
const known = [];
let begun = '';
let forget;

/** @param shortcuts - each `{ keys, what, run }` */
export const addShortcuts = (shortcuts) => known.push(...shortcuts);

/** Letters alone do something unless the reader writes, or has turned them off (WCAG 2.1.4). */
export const listenForKeys = (base) => {
  addShortcuts([
    ...PLACES.map(([key, path, name]) => ({
      keys: `g ${key}`,
      what: `Go to ${name}`,
      run: () => location.assign(`${base}${path}`),
    })),
    { keys: '?', what: 'Show these shortcuts', run: showHelp },
  ]);
  document.addEventListener('keydown', hear);
  for (const opener of document.querySelectorAll('[data-shortcuts]')) {
    opener.hidden = false;
    opener.addEventListener('click', showHelp);
  }
};

const PLACES = [
  ['q', '/queue', 'the queue'],
  ['m', '/mails', 'mails'],
  ['o', '/outbox', 'the outbox'],
  ['p', '/operations', 'operations'],
  ['i', '/insight', 'insight'],
];

function hear(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) return;
  if (event.key !== '?' && localStorage.getItem(SILENCED) !== null) return;
  if (document.querySelector('dialog[open]') !== null) return;
  const keys = begun === '' ? event.key : `${begun} ${event.key}`;
  clearTimeout(forget);
  const found =
    known.find((shortcut) => shortcut.keys === keys) ?? known.find(({ keys: one }) => one === event.key);
  begun = '';
  if (found !== undefined) {
    event.preventDefault();
    found.run(event);
  } else if (known.some(({ keys: two }) => two.startsWith(`${event.key} `))) {
    begun = event.key;
    forget = setTimeout(() => {
      begun = '';
    }, PATIENCE_MS);
  }
}

const isWriting = (target) =>
  target instanceof Element &&
  target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select') !== null;

function showHelp() {
  let dialog = document.getElementById('shortcuts');
  if (dialog === null) {
    dialog = helpDialog();
    document.body.append(dialog);
  }
  dialog.showModal();
}

function helpDialog() {
  const dialog = element('dialog', { id: 'shortcuts', className: 'card' });
  dialog.setAttribute('aria-labelledby', 'shortcuts-title');
  const list = element('dl', { className: 'facts' });
  for (const { keys, what } of known) {
    const term = element('dt');
    term.append(...keys.split(' ').map((key) => element('kbd', { textContent: key })));
    list.append(term, element('dd', { textContent: what }));
  }
  const toggle = element('input', {
    type: 'checkbox',
    id: 'shortcuts-on',
    checked: localStorage.getItem(SILENCED) === null,
  });
  toggle.addEventListener('change', () =>
    toggle.checked ? localStorage.removeItem(SILENCED) : localStorage.setItem(SILENCED, ''),
  );
  const choice = element('p', { className: 'choice' });
  choice.append(
    toggle,
    element('label', { htmlFor: 'shortcuts-on', textContent: 'Shortcuts are on in this browser' }),
  );
  const close = element('form', { method: 'dialog' });
  close.append(element('button', { className: 'button', textContent: 'Close' }));
  dialog.append(
    element('h2', { id: 'shortcuts-title', textContent: 'Keyboard shortcuts' }),
    list,
    choice,
    close,
  );
  return dialog;
}

const element = (name, properties = {}) => Object.assign(document.createElement(name), properties);
