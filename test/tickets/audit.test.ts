import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AuditLink, actorText, linkHash, verifyChain } from '../../src/tickets/audit.ts';
import { ada, grace } from './cast.ts';

/** A chain of `length` honest links and its head. */
function chain(length: number) {
  let previous = '';
  const links = Array.from({ length }, (_, index) => {
    const link: AuditLink = {
      ticket: 1001,
      seq: index + 1,
      at: new Date(Date.UTC(2026, 2, 1, index)).toISOString(),
      type: 'status_asked',
      was: 'grace',
      became: 'grace',
      actor: 'desk',
      details: { estimate: index, asks: ['timeFrame:missing'], nested: { deep: null } },
    };
    const hash = linkHash(previous, link);
    const stored = { ...link, previousHash: previous, hash };
    previous = hash;
    return stored;
  });
  return { links, head: { seq: length, hash: previous } };
}

test('an honest chain verifies, and so does one without a link', () => {
  expect(verifyChain(chain(5).links, chain(5).head)).toBeNull();
  expect(verifyChain([], { seq: 0, hash: '' })).toBeNull();
});

const changes: readonly { readonly part: string; readonly change: Partial<AuditLink> }[] = [
  { part: 'ticket', change: { ticket: 1002 } },
  { part: 'at', change: { at: '2026-03-01T00:00:00.001Z' } },
  { part: 'type', change: { type: 'approved' } },
  { part: 'was', change: { was: 'verifying' } },
  { part: 'became', change: { became: 'purging' } },
  { part: 'actor', change: { actor: 'agent:grace' } },
  { part: 'details', change: { details: { estimate: 99 } } },
];

test.each(changes)('a changed $part breaks the chain at every link', ({ change }) => {
  const { links, head } = chain(4);
  for (const [index] of links.entries()) {
    const forged = links.map((link, at) => (at === index ? { ...link, ...change } : link));
    expect(verifyChain(forged, head)).toBe(`event ${index + 1} was changed`);
  }
});

test('a changed link whose own hash was made anew breaks the link behind it, or the head', () => {
  const { links, head } = chain(4);
  for (const [index, link] of links.entries()) {
    const lie = { ...link, details: { estimate: 99 } };
    const { previousHash, hash: _, ...body } = lie;
    const forged = links.map((one, at) =>
      at === index ? { ...lie, hash: linkHash(previousHash, body) } : one,
    );
    expect(verifyChain(forged, head)).toBe(
      index === 3 ? 'the newest events are missing' : `event ${index + 2} does not follow the one before it`,
    );
  }
});

test('removing, swapping, repeating or cutting off links is seen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), fc.nat(), (length, a, b) => {
      const { links, head } = chain(length);
      const [i, j] = [a % length, b % length];
      expect(verifyChain(links.toSpliced(i, 1), head)).not.toBeNull();
      expect(verifyChain([...links, links[i]!], head)).not.toBeNull();
      expect(verifyChain(links, { ...head, seq: head.seq + 1 })).not.toBeNull();
      expect(verifyChain(links, { ...head, hash: 'f'.repeat(64) })).not.toBeNull();
      if (i === j) return;
      const swapped = links.with(i, links[j]!).with(j, links[i]!);
      expect(verifyChain(swapped, head)).not.toBeNull();
    }),
  );
});

test('the order in which a database returns the members of the details does not matter', () => {
  const { links, head } = chain(2);
  const turned = links.map((link) => ({
    ...link,
    details: Object.fromEntries(Object.entries(link.details).reverse()),
  }));
  expect(verifyChain(turned, head)).toBeNull();
});

test.each([
  { actor: { kind: 'desk' } as const, text: 'desk' },
  { actor: grace, text: 'agent:grace' },
  { actor: ada, text: `party:${'f'.repeat(32)}:owner` },
])('an actor is written as $text', ({ actor, text }) => {
  expect(actorText(actor)).toBe(text);
});
