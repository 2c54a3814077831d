/** Instants in the reader's own time zone; the title keeps UTC. */
export const showInstants = (root) => {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  for (const time of root.querySelectorAll('time.instant:not([data-local])')) {
    time.dataset.local = '';
    time.textContent = format.format(new Date(time.dateTime));
  }
};

/** Says which zone that is. */
export const nameZone = (root) => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for (const note of root.querySelectorAll('[data-zone]')) {
    note.textContent = `Times are in your time zone (${timeZone}); their titles give UTC.`;
  }
};
