import { type Token, tokensOf } from './time-tokens.ts';

interface Entry<Value> {
  readonly parts: readonly string[];
  readonly value: Value;
}

export interface Found<Value> {
  readonly value: Value;
  /** Index of the token behind the phrase, or of its first token when it was looked for backwards. */
  readonly at: number;
  /** The number at the place of `#`. */
  readonly count: number;
  readonly length: number;
}

/** Phrases by their first or their last token, so that a place in a text costs one look-up. `#` is a number. */
export class PhraseTable<Value> {
  readonly #byFirst = new Map<string, Entry<Value>[]>();
  readonly #byLast = new Map<string, Entry<Value>[]>();
  readonly #numbers: Readonly<Record<string, number>>;

  constructor(phrases: Iterable<readonly [string, Value]>, numbers: Readonly<Record<string, number>> = {}) {
    this.#numbers = numbers;
    for (const [phrase, value] of phrases) {
      const entry = { parts: tokensOf(phrase).map(({ text }) => text), value };
      put(this.#byFirst, entry.parts[0], entry);
      put(this.#byLast, entry.parts.at(-1), entry);
    }
  }

  /** Words that open a phrase. `#` is not among them. */
  get openers(): Iterable<string> {
    return this.#byFirst.keys();
  }

  /** The longest phrase that begins at a token. */
  at(tokens: readonly Token[], at: number): Found<Value> | null {
    const token = tokens[at];
    if (token === undefined) return null;
    let best: Found<Value> | null = null;
    for (const { parts, value } of this.#entries(this.#byFirst, token)) {
      if (best !== null && parts.length <= best.length) continue;
      const count = this.#match(tokens, at, parts);
      if (count !== null) best = { value, at: at + parts.length, count, length: parts.length };
    }
    return best;
  }

  /** The longest phrase whose last token stands before `end`. */
  before(tokens: readonly Token[], end: number): Found<Value> | null {
    const token = tokens[end - 1];
    if (token === undefined) return null;
    let best: Found<Value> | null = null;
    for (const { parts, value } of this.#entries(this.#byLast, token)) {
      if (best !== null && parts.length <= best.length) continue;
      const from = end - parts.length;
      const count = from < 0 ? null : this.#match(tokens, from, parts);
      if (count !== null) best = { value, at: from, count, length: parts.length };
    }
    return best;
  }

  /** What may match at a token: the phrases with its word, and those with a number at this place. */
  #entries(table: ReadonlyMap<string, readonly Entry<Value>[]>, token: Token): readonly Entry<Value>[] {
    const own = table.get(token.text) ?? NONE;
    const counted = table.get('#');
    if (counted === undefined || this.#numberOf(token) === null) return own;
    return own.length === 0 ? counted : [...own, ...counted];
  }

  #match(tokens: readonly Token[], from: number, parts: readonly string[]): number | null {
    let count = 0;
    for (let index = 0; index < parts.length; index += 1) {
      const part = parts[index];
      const token = tokens[from + index];
      if (token === undefined) return null;
      if (part === '#') {
        const number = this.#numberOf(token);
        if (number === null) return null;
        count = number;
      } else if (token.text !== part) return null;
    }
    return count;
  }

  #numberOf({ kind, text }: Token): number | null {
    if (kind === 'number') return text.length <= 4 ? Number(text) : null;
    return Object.hasOwn(this.#numbers, text) ? (this.#numbers[text] ?? null) : null;
  }
}

const NONE: readonly never[] = [];

function put<Value>(table: Map<string, Entry<Value>[]>, key: string | undefined, entry: Entry<Value>): void {
  if (key === undefined) return;
  const known = table.get(key);
  if (known === undefined) table.set(key, [entry]);
  else known.push(entry);
}
