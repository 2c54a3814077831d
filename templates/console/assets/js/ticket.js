// The page of a ticket: the mail is read while its reader looks at the rest, fields and their words light up together,
// and others hear who is here.
import { showInstants } from './instants.js';
import { pageFrom } from './page.js';

/** Milliseconds. Others forget somebody who was not heard of for a minute. */
const TELL_MS = 25_000;
/** Whoever did nothing for so long is not here: a page that is left open must not keep its session. */
const AWAY_MS = 5 * 60_000;

export const keepTicket = () => {
  const viewers = document.getElementById('viewers');
  if (viewers === null) return;
  void readMail();
  document.addEventListener('desk:updated', () => void readMail());
  lightTogether(document.getElementById('live'));
  tellOthers(viewers.dataset.tell);
};

let isReading = false;

async function readMail() {
  const later = document.querySelector('[data-later]');
  if (later === null || isReading) return;
  isReading = true;
  try {
    const page = await pageFrom(later.dataset.later);
    for (const id of ['mail', 'fields']) {
      const [was, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (was === null || fresh === null) continue;
      showInstants(fresh);
      Idiomorph.morph(was, fresh);
    }
    if (location.hash.startsWith('#words-')) document.querySelector(location.hash)?.scrollIntoView();
  } catch {
    // The link to the mail stays where it is.
  }
  isReading = false;
}

function lightTogether(root) {
  const light = (event, isOn) => {
    const n = event.target.closest?.('[data-n]')?.dataset.n;
    if (n === undefined) return;
    for (const one of root.querySelectorAll(`mark[data-n="${n}"], tr[data-n="${n}"]`))
      one.classList.toggle('lit', isOn);
  };
  for (const [on, off] of [
    ['pointerover', 'pointerout'],
    ['focusin', 'focusout'],
  ]) {
    root.addEventListener(on, (event) => light(event, true));
    root.addEventListener(off, (event) => light(event, false));
  }
}

function tellOthers(url) {
  let active = Date.now();
  for (const sign of ['pointermove', 'keydown', 'scroll'])
    document.addEventListener(
      sign,
      () => {
        active = Date.now();
      },
      { passive: true },
    );
  const tell = async () => {
    if (document.hidden || Date.now() - active > AWAY_MS) return;
    const token = document.querySelector('input[name="_csrf"]')?.value ?? '';
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ _csrf: token }),
        credentials: 'same-origin',
        redirect: 'error',
      });
      if (answer.ok) name((await answer.json()).also);
    } catch {
      // Nobody hears of it for now.
    }
  };
  setInterval(tell, TELL_MS);
  void tell();
}

function name(also) {
  const viewers = document.getElementById('viewers');
  if (viewers !== null) viewers.textContent = also.length === 0 ? '' : `Also viewing: ${also.join(', ')}`;
}
