// Nothing here runs inline code, and nothing becomes elements but answers of this desk.
const trusted = window.trustedTypes
  ? window.trustedTypes.createPolicy('purgedesk', { createHTML: (html) => html })
  : { createHTML: (html) => html };

/** The page behind one of our own addresses, as a document whose scripts never run. */
export const pageFrom = async (url, options = {}) => {
  const target = new URL(url, location.href);
  if (target.origin !== location.origin) throw new TypeError('not a page of this desk');
  const answer = await fetch(target, { credentials: 'same-origin', redirect: 'error', ...options });
  if (!answer.ok) throw new Error(`the page cannot be loaded: ${answer.status}`);
  return new DOMParser().parseFromString(trusted.createHTML(await answer.text()), 'text/html');
};
