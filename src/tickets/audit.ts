import { type Canonical, digestOf } from '../domain/canonical.ts';
import type { Actor } from '../domain/ticket.ts';

/** One link of a ticket's chain, as it is hashed. */
export interface AuditLink {
  readonly ticket: number;
  /** From 1. */
  readonly seq: number;
  /** ISO 8601, milliseconds. */
  readonly at: string;
  readonly type: string;
  readonly was: string;
  readonly became: string;
  readonly actor: string;
  readonly details: Readonly<Record<string, Canonical>>;
}

/** SHA-256 over the previous hash and the canonical JSON of the link. The first link's previous hash is empty. */
export const linkHash = (previous: string, link: AuditLink): string =>
  digestOf({ previous, link: link as unknown as Canonical });

/** `desk`, `agent:NAME` or `party:HASH:role`. */
export function actorText(actor: Actor): string {
  switch (actor.kind) {
    case 'desk':
      return 'desk';
    case 'agent':
      return `agent:${actor.name}`;
    case 'party':
      return `party:${actor.hash}:${actor.role}`;
  }
}

/** A chain from its first link on; `head` is what the ticket row holds. Returns what is wrong, or `null`. */
export function verifyChain(
  links: readonly (AuditLink & { readonly previousHash: string; readonly hash: string })[],
  head: { readonly seq: number; readonly hash: string },
): string | null {
  let previous = '';
  for (const [index, stored] of links.entries()) {
    const { previousHash, hash, ...link } = stored;
    if (link.seq !== index + 1) return `event ${index + 1} is missing`;
    if (previousHash !== previous) return `event ${link.seq} does not follow the one before it`;
    if (linkHash(previous, link) !== hash) return `event ${link.seq} was changed`;
    previous = hash;
  }
  if (links.length !== head.seq || previous !== head.hash) return 'the newest events are missing';
  return null;
}
