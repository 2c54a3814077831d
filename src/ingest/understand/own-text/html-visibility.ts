/** What decides whether a reader sees the text of an element. Inherited values stand as they reach the element. */
export interface Look {
  /** The whole element is not shown, whatever its children say. */
  readonly hidden: boolean;
  /** The letters are too small to read; a child may set its own size. */
  readonly tiny: boolean;
  readonly color: Paint;
  readonly background: Paint;
}

/** Red, green and blue in one number; `null` = not known (an image, a gradient, a name we do not know). */
type Paint = number | null;

/** Declarations by property, names and values in lower case. */
export type Declarations = ReadonlyMap<string, string>;

/** Rules of the mail's style sheets, by the simple selector that they end in: `.note`, `#top`, `p`, `p.note`, `*`. */
export type StyleSheet = Map<string, Map<string, string>>;

const BLACK = 0x000000;
const WHITE = 0xffffff;
export const PAGE: Look = { hidden: false, tiny: false, color: BLACK, background: WHITE };

/** Whether text that stands right in this element can be seen: colours count only where letters are. */
export const showsText = (look: Look): boolean =>
  !look.hidden && !look.tiny && !isSame(look.color, look.background);

/** The look of an element inside `parent`. Most elements say nothing about it and share their parent's. */
export function lookOf(
  parent: Look,
  name: string,
  attributes: Readonly<Record<string, string>>,
  sheet: StyleSheet,
): Look {
  const inline = attributes.style;
  const { color, bgcolor, text } = attributes;
  const styled = inline !== undefined || sheet.size > 0;
  const fontSize = name === 'font' ? attributes.size : undefined;
  if (!styled && color === undefined && bgcolor === undefined && text === undefined && fontSize === undefined)
    return 'hidden' in attributes && !parent.hidden ? { ...parent, hidden: true } : parent;
  const rules = styled ? declarationsOf(name, attributes, sheet) : NONE;
  if (rules.size === 0 && color === undefined && bgcolor === undefined && text === undefined)
    return 'hidden' in attributes && !parent.hidden ? { ...parent, hidden: true } : parent;
  const ink =
    rules.get('color') ?? (name === 'font' ? color : undefined) ?? (name === 'body' ? text : undefined);
  const ground = rules.get('background-color') ?? rules.get('background') ?? bgcolor;
  return {
    hidden: parent.hidden || 'hidden' in attributes || isHidden(rules),
    tiny: isTiny(rules.get('font-size') ?? fontIn(rules.get('font')), parent.tiny),
    color: ink === undefined ? parent.color : paintOf(ink, parent.color, parent.background),
    background:
      ground === undefined
        ? rules.has('background-image')
          ? null
          : parent.background
        : rules.has('background-image') && rules.get('background-image') !== 'none'
          ? null
          : paintOf(ground, parent.background, parent.background),
  };
}

const NONE: Declarations = new Map();

function declarationsOf(
  name: string,
  attributes: Readonly<Record<string, string>>,
  sheet: StyleSheet,
): Declarations {
  const inline = attributes.style === undefined ? NONE : parseDeclarations(attributes.style);
  if (sheet.size === 0) return inline;
  const found = new Map<string, string>();
  const add = (selector: string): void => {
    for (const [property, value] of sheet.get(selector) ?? NONE) found.set(property, value);
  };
  add('*');
  add(name);
  for (const kind of (attributes.class ?? '').toLowerCase().split(/\s+/, CLASSES_MAX)) {
    if (kind === '') continue;
    add(`.${kind}`);
    add(`${name}.${kind}`);
  }
  const id = attributes.id?.toLowerCase();
  if (id !== undefined) {
    add(`#${id}`);
    add(`${name}#${id}`);
  }
  for (const [property, value] of inline) {
    if (!(found.get(property) ?? '').includes('!important')) found.set(property, value);
  }
  return found;
}

const CLASSES_MAX = 20;
const RULES_MAX = 2_000;
const STYLE_CHARS_MAX = 4_000;

/** `display:none; color:red` as a map. Only what decides about visibility is kept. */
function parseDeclarations(style: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of style.slice(0, STYLE_CHARS_MAX).split(';')) {
    const colon = part.indexOf(':');
    if (colon === -1) continue;
    const property = part.slice(0, colon).trim().toLowerCase();
    if (WATCHED.has(property))
      found.set(
        property,
        withoutComments(part.slice(colon + 1))
          .trim()
          .toLowerCase(),
      );
  }
  return found;
}

/** `dis/**\/play` fools nobody, `none/* *\/` still is none. */
function withoutComments(text: string): string {
  if (!text.includes('/*')) return text;
  let clean = '';
  for (let at = 0; ; ) {
    const open = text.indexOf('/*', at);
    if (open === -1) return clean + text.slice(at);
    clean += text.slice(at, open);
    const close = text.indexOf('*/', open + 2);
    if (close === -1) return clean;
    at = close + 2;
  }
}

const WATCHED = new Set(
  `display visibility mso-hide opacity filter color background background-color background-image font font-size
  height max-height width max-width overflow overflow-x overflow-y position left right top text-indent margin-left
  margin-top clip clip-path transform`.split(/\s+/),
);

/**
 * Adds a style sheet's rules. Rules under a condition (`@media (max-width…)`) are left out; a selector of several parts
 * counts as its last one, so that text is rather taken for hidden: then the mail's text part disagrees and a person looks.
 */
export function addStyleSheet(sheet: StyleSheet, css: string): void {
  const text = withoutComments(css.slice(0, CSS_CHARS_MAX).replace(/<!--|-->/g, ' '));
  let rules = 0;
  for (let at = 0; at < text.length && rules < RULES_MAX; rules += 1) {
    const open = text.indexOf('{', at);
    if (open === -1) return;
    const head = text.slice(
      Math.max(at, text.lastIndexOf(';', open) + 1, text.lastIndexOf('}', open) + 1),
      open,
    );
    if (head.trimStart().startsWith('@')) {
      const always = /@media\s+(?:only\s+)?(?:all|screen)\s*$/i.test(head.slice(-60));
      at = always ? open + 1 : blockEnd(text, open);
      continue;
    }
    const close = text.indexOf('}', open);
    const body = parseDeclarations(text.slice(open + 1, close === -1 ? text.length : close));
    if (body.size > 0) addRule(sheet, head, body);
    at = close === -1 ? text.length : close + 1;
  }
}

const CSS_CHARS_MAX = 100_000;

function addRule(sheet: StyleSheet, selectors: string, body: Declarations): void {
  for (const selector of selectors.slice(0, STYLE_CHARS_MAX).toLowerCase().split(',')) {
    const last = selector.replace(/[>+~]/g, ' ').trim().split(/\s+/).at(-1);
    if (last === undefined || last === '' || /[:[]/.test(last)) continue;
    const known = sheet.get(last) ?? new Map<string, string>();
    for (const [property, value] of body) known.set(property, value);
    sheet.set(last, known);
  }
}

/** The place after the block that opens at `open`. */
function blockEnd(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === 0x7b) depth += 1;
    else if (sign === 0x7d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function isHidden(rules: Declarations): boolean {
  if (rules.size === 0) return false;
  const starts = (property: string, value: string): boolean =>
    rules.get(property)?.startsWith(value) === true;
  if (starts('display', 'none') || starts('visibility', 'hidden') || starts('visibility', 'collapse'))
    return true;
  if (starts('mso-hide', 'all')) return true;
  const opacity = rules.get('opacity');
  if (opacity !== undefined && numberIn(opacity) < (opacity.includes('%') ? 5 : 0.05)) return true;
  if (/^alpha\(opacity=0?[0-4]\)/.test(rules.get('filter') ?? '')) return true;
  const clipped =
    starts('overflow', 'hidden') || starts('overflow-y', 'hidden') || starts('overflow-x', 'hidden');
  if (isSmall(rules.get('max-height')) || isSmall(rules.get('max-width'))) return true;
  if (clipped && (isSmall(rules.get('height')) || isSmall(rules.get('width')))) return true;
  if (
    isFarOff(rules.get('text-indent')) ||
    isFarOff(rules.get('margin-left')) ||
    isFarOff(rules.get('margin-top'))
  )
    return true;
  if (starts('position', 'absolute') || starts('position', 'fixed')) {
    if (['left', 'right', 'top'].some((side) => isFarOff(rules.get(side)))) return true;
    if (/^rect\(\s*(?:0|1px)/.test(rules.get('clip') ?? '')) return true;
  }
  if (/^inset\(\s*(?:100|50)%|^circle\(\s*0/.test(rules.get('clip-path') ?? '')) return true;
  return /scale[xy]?\(\s*0?(?:\.0+\d*)?\s*[,)]/.test(rules.get('transform') ?? '');
}

/** `NaN` for what is no number. */
const numberIn = (value: string): number => Number.parseFloat(value);

/** A box of at most one pixel, or of nothing in any unit. */
function isSmall(value: string | undefined): boolean {
  if (value === undefined) return false;
  const number = numberIn(value);
  return number === 0 || (number <= 1 && /^[\d.]+\s*(?:px|pt|$|!)/.test(value));
}

const isFarOff = (value: string | undefined): boolean =>
  value !== undefined && /^-\d{3,}|^-\d+(?:\.\d+)?v[wh]$|^-\d{2,}(?:\.\d+)?r?em/.test(value);

/** Below two pixels nobody reads. Sizes relative to a tiny parent stay tiny. */
function isTiny(size: string | undefined, parent: boolean): boolean {
  if (size === undefined || size.startsWith('inherit')) return parent;
  const value = numberIn(size);
  if (Number.isNaN(value)) return /^(?:smaller|larger)/.test(size) && parent;
  if (/^[\d.]+\s*%/.test(size)) return parent || value <= 12;
  if (/^[\d.]+\s*em/.test(size)) return parent || value <= 0.12;
  if (/^[\d.]+\s*rem/.test(size)) return value <= 0.12;
  if (/^[\d.]+\s*pt/.test(size)) return value <= 1.5;
  return value <= 2;
}

/** The size in a `font` shorthand: its first length. */
const fontIn = (font: string | undefined): string | undefined =>
  font === undefined ? undefined : /(?:^|\s)(\d*\.?\d+(?:px|pt|r?em|%)?)(?=[\s/])/.exec(font)?.[1];

/** A colour; `currentcolor` and unknown names count as not known, nothing painted as what lies behind. */
function paintOf(value: string, inherited: Paint, behind: Paint): Paint {
  const text = value
    .trim()
    .toLowerCase()
    .replace(/\s*!important.*$/, '');
  if (text === 'inherit' || text === '' || text === 'initial' || text === 'unset' || text === 'none')
    return inherited;
  if (text.startsWith('transparent')) return behind;
  const hex = /#?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![0-9a-z])/.exec(text);
  if (hex?.[1] !== undefined && (text.startsWith('#') || hex.index === 0)) return hexPaint(hex[1], behind);
  const parts = /^rgba?\(([^)]{1,60})\)/
    .exec(text)?.[1]
    ?.split(/[\s,/]+/)
    .filter((part) => part !== '');
  if (parts !== undefined && parts.length >= 3) {
    if (parts[3] !== undefined && numberIn(parts[3]) < (parts[3].includes('%') ? 5 : 0.05)) return behind;
    const [red = 0, green = 0, blue = 0] = parts.map((part) =>
      Math.max(0, Math.min(255, Math.round(part.includes('%') ? numberIn(part) * 2.55 : numberIn(part)))),
    );
    return (red << 16) | (green << 8) | blue;
  }
  if (/^hsla?\([^)]*,?\s(?:0|100|9[6-9])%\s*[,/)]/.test(text))
    return /\s0%\s*[,/)]/.test(text.slice(-8)) ? BLACK : WHITE;
  if (text.includes('url(') || text.includes('gradient')) return null;
  return NAMED.get(/^[a-z]+/.exec(text)?.[0] ?? '') ?? null;
}

function hexPaint(digits: string, behind: Paint): Paint {
  const wide = digits.length <= 4 ? [...digits].map((digit) => digit + digit).join('') : digits;
  if (wide.length === 8 && Number.parseInt(wide.slice(6), 16) < 13) return behind;
  return Number.parseInt(wide.slice(0, 6), 16);
}

const NAMED: ReadonlyMap<string, number> = new Map([
  ['white', WHITE],
  ['black', BLACK],
  ['snow', 0xfffafa],
  ['ivory', 0xfffff0],
  ['ghostwhite', 0xf8f8ff],
  ['whitesmoke', 0xf5f5f5],
  ['floralwhite', 0xfffaf0],
  ['mintcream', 0xf5fffa],
  ['azure', 0xf0ffff],
  ['window', WHITE],
  ['windowtext', BLACK],
  ['red', 0xff0000],
  ['blue', 0x0000ff],
  ['green', 0x008000],
  ['navy', 0x000080],
  ['gray', 0x808080],
  ['grey', 0x808080],
  ['silver', 0xc0c0c0],
  ['lightgray', 0xd3d3d3],
  ['lightgrey', 0xd3d3d3],
  ['yellow', 0xffff00],
]);

/** Every channel within a step of 32 out of 256: the eye does not see letters then. */
function isSame(one: Paint, other: Paint): boolean {
  if (one === null || other === null) return false;
  return [16, 8, 0].every((shift) => Math.abs(((one >> shift) & 255) - ((other >> shift) & 255)) < 32);
}
