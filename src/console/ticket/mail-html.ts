/** A mail's HTML for agents: structure and words, and nothing that runs, loads, links, names itself or hides. */
import { createHash } from 'node:crypto';
import sanitizeHtml from 'sanitize-html';
import type { CleanHtml } from './ports.ts';

/** No reader looks at more, and the work stays bounded. UTF-16 code units. */
const HTML_MAX = 300_000;
const NESTING_MAX = 40;
const TITLE_MAX = 500;

/** `null` = too long to be shown. */
export function cleanHtml(html: string): CleanHtml | null {
  if (html.length > HTML_MAX) return null;
  let blocked = 0;
  const clean = sanitizeHtml(html, {
    ...ALLOWED,
    onOpenTag: (_name, attributes) => {
      if (loadsFromElsewhere(attributes)) blocked += 1;
    },
  });
  blocked += (html.match(STYLE_LOADS) ?? []).length;
  return { html: clean.replace(UNSEEN, '\ufffd'), blocked };
}

const ALLOWED: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'div', 'span', 'br', 'hr', 'blockquote', 'pre', 'code', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
    ...['b', 'strong', 'i', 'em', 'u', 's', 'sub', 'sup', 'small', 'ul', 'ol', 'li', 'dl', 'dt', 'dd'],
    ...['table', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th', 'caption', 'a'],
  ],
  // No style: what a mail hides is shown. No id, class, name, href or src.
  allowedAttributes: { td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan'], a: ['title'] },
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'xmp',
    'noscript',
    'title',
    'template',
    'svg',
    'math',
  ],
  nestingLimit: NESTING_MAX,
  transformTags: {
    // Where a link leads stands behind it; it leads nowhere from here.
    a: (_tag, { href = '' }) => ({
      tagName: 'a',
      attribs: href === '' ? {} : { title: href.slice(0, TITLE_MAX) },
    }),
    img: (_tag, { alt = '' }) => ({
      tagName: 'span',
      attribs: {},
      text: `[picture${alt.trim() === '' ? '' : `: ${alt.trim().slice(0, TITLE_MAX)}`}]`,
    }),
    td: (_tag, attribs) => ({ tagName: 'td', attribs: spans(attribs) }),
    th: (_tag, attribs) => ({ tagName: 'th', attribs: spans(attribs) }),
  },
};

/** A cell that spans a million columns would stop the reader's browser. */
const spans = (attribs: sanitizeHtml.Attributes): sanitizeHtml.Attributes =>
  Object.fromEntries(
    ['colspan', 'rowspan'].flatMap((name) =>
      /^[1-9]\d?$/.test(attribs[name] ?? '') ? [[name, attribs[name] ?? '']] : [],
    ),
  );

const LOADING = ['src', 'srcset', 'background', 'poster', 'data', 'lowsrc', 'dynsrc'];
const ELSEWHERE = /(?:^|[\s,])(?:https?:)?\/\//i;

const loadsFromElsewhere = (attributes: sanitizeHtml.Attributes): boolean =>
  LOADING.some((name) => ELSEWHERE.test(attributes[name] ?? ''));

const STYLE_LOADS = /(?:url\(\s*["']?|@import\s+["'])\s*(?:https?:)?\/\//gi;

const UNSEEN = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad]|[\u{e0000}-\u{e0fff}]/gu;

/** The only style in the frame; the policy of the frame knows it by its hash. */
const STYLE = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{margin:0;padding:12px;overflow-wrap:anywhere}
table{border-collapse:collapse}td,th{border:1px solid #8888;padding:4px 6px;vertical-align:top;text-align:start}
blockquote{margin:0 0 0 4px;padding-inline-start:10px;border-inline-start:3px solid #8888}pre{white-space:pre-wrap}
a{text-decoration:underline}a[title]::after{content:" \\27E8" attr(title) "\\27E9";font:12px ui-monospace,monospace}
.note{margin:0 0 12px;padding:6px 10px;border:1px solid #8888;border-radius:6px}`;

export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** The whole document of the frame. */
export function mailDocument({ html, blocked }: CleanHtml): string {
  const note =
    blocked === 0
      ? ''
      : `<p class="note">${blocked} ${blocked === 1 ? 'thing' : 'things'} from elsewhere (pictures, styles) ${blocked === 1 ? 'was' : 'were'} not loaded.</p>`;
  return `<!DOCTYPE html><html lang="und"><head><meta charset="utf-8"><title>Mail</title><style>${STYLE}</style></head><body>${note}${html}</body></html>`;
}
