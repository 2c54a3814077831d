/** Which mails of a set can be decided side by side. Pure. */

/** What one piece of work touches; `null` = anything. */
export type Touched = ReadonlySet<string> | null;

/**
 * Puts work into waves: those of one wave share nothing, and each comes after all before it that it has to do with, be it
 * over others. Over others, since what one makes may join two that had nothing in common.
 * @returns places in `works`, wave by wave
 */
export function waves(works: readonly Touched[]): readonly (readonly number[])[] {
  const all: number[][] = [];
  let from = 0;
  for (const [at, touched] of works.entries()) {
    if (touched !== null) continue;
    all.push(...wavesOf(works, from, at), [at]);
    from = at + 1;
  }
  return [...all, ...wavesOf(works, from, works.length)];
}

/** The first of each circle, then the second of each, and so on. */
function wavesOf(works: readonly Touched[], from: number, to: number): number[][] {
  const found: number[][] = [];
  const taken = new Map<string | number, number>();
  const circles = circlesOf(works, from, to);
  for (let at = from; at < to; at += 1) {
    const circle = circles(at);
    const no = taken.get(circle) ?? 0;
    taken.set(circle, no + 1);
    const wave = found[no];
    if (wave === undefined) found.push([at]);
    else wave.push(at);
  }
  return found;
}

type Node = string | number;

/** Works that share something, directly or over others, are of one circle (union-find with halved paths). */
function circlesOf(works: readonly Touched[], from: number, to: number): (at: number) => Node {
  const above = new Map<Node, Node>();
  const top = (node: Node): Node => {
    let here = node;
    for (;;) {
      const next = above.get(here);
      if (next === undefined) return here;
      above.set(here, above.get(next) ?? next);
      here = next;
    }
  };
  for (let at = from; at < to; at += 1) {
    for (const key of works[at] ?? []) {
      const [mine, theirs] = [top(at), top(key)];
      if (mine !== theirs) above.set(mine, theirs);
    }
  }
  return top;
}
