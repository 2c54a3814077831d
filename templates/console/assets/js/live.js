// Keeps what stands in #live up to date. The server says that something changed; the page is then asked for again and
// brought to its new state in place: focus, scrolling, open details and words that were typed stay as they are.
import { showInstants } from './instants.js';
import { pageFrom } from './page.js';

/** Milliseconds. A busy desk changes all the time: nobody reads faster than this. */
const PAUSE_MS = 2_000;
const BACK_OFF_MS = 2_000;
const BACK_OFF_MAX_MS = 60_000;

const state = { source: null, failures: 0, timer: 0, isLoading: false, isStale: false, isOver: false };

export const keepLive = () => {
  if (document.getElementById('live')?.dataset.live === undefined) return;
  // A browser opens six connections to one desk for all its windows: those that nobody sees let go of theirs.
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : listen()));
  if (!document.hidden) listen();
};

function stop() {
  clearTimeout(state.timer);
  state.source?.close();
  state.source = null;
}

function listen() {
  if (state.isOver || state.source !== null) return;
  const source = new EventSource(document.getElementById('live').dataset.live);
  state.source = source;
  source.addEventListener('open', () => {
    state.failures = 0;
  });
  source.addEventListener('change', () => void update());
  source.addEventListener('end', () => over());
  source.addEventListener('error', () => {
    stop();
    const wait = Math.min(BACK_OFF_MS * 2 ** state.failures, BACK_OFF_MAX_MS);
    state.failures += 1;
    state.timer = setTimeout(listen, wait * (0.5 + Math.random() / 2));
  });
}

async function update() {
  if (state.isLoading) {
    state.isStale = true;
    return;
  }
  state.isLoading = true;
  state.isStale = false;
  try {
    show(await pageFrom(location.href, { headers: { 'purgedesk-unattended': '1' } }));
  } catch {
    // Signed out, or away: the connection tells, and a reload says it in words.
  }
  setTimeout(() => {
    state.isLoading = false;
    if (state.isStale) void update();
  }, PAUSE_MS);
}

function show(page) {
  const [was, fresh] = [document.getElementById('live'), page.getElementById('live')];
  if (was === null || fresh === null) return;
  showInstants(fresh);
  Idiomorph.morph(was, fresh, { ignoreActiveValue: true, callbacks });
  document.title = page.title;
  document.dispatchEvent(new Event('desk:updated'));
}

/** What the reader did to the page is theirs. */
const callbacks = {
  beforeNodeMorphed: (was, fresh) => !isEdited(was) && !(leadsElsewhere(was, fresh) && holdsWords(was)),
  beforeNodeRemoved: (was) => !holdsWords(was),
  beforeAttributeUpdated: (name, node) => !(name === 'open' && node.nodeName === 'DETAILS'),
};

const isEdited = (node) =>
  isTyped(node) ||
  (node.nodeName === 'INPUT' && node.checked !== node.defaultChecked) ||
  (node.nodeName === 'SELECT' &&
    [...node.options].some((option) => option.selected !== option.defaultSelected));

const isTyped = (node) =>
  (node.nodeName === 'TEXTAREA' || (node.nodeName === 'INPUT' && TEXTS.has(node.type))) &&
  node.value !== node.defaultValue;

const TEXTS = new Set([
  'text',
  'search',
  'email',
  'number',
  'date',
  'datetime-local',
  'password',
  'tel',
  'url',
]);

/** Words that were written for one thing must not be sent to another. */
const leadsElsewhere = (was, fresh) => was.nodeName === 'FORM' && was.action !== fresh.action;

const holdsWords = (node) =>
  node.nodeType === Node.ELEMENT_NODE &&
  (isTyped(node) || [...node.querySelectorAll('textarea, input')].some(isTyped));

function over() {
  stop();
  state.isOver = true;
  const notice = document.createElement('p');
  notice.className = 'notice wait';
  notice.setAttribute('role', 'status');
  notice.textContent =
    'You are signed out, and this page is not kept up to date any more. Load it again to sign in.';
  document.getElementById('live').before(notice);
}
