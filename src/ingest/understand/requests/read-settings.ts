import type { Lexicon } from '../sentences/lexicon.ts';
import type { Statement } from '../sentences/statements.ts';
import type { DateSettings } from '../time/dates.ts';
import type { Kind } from '../vocabulary/vocabulary.ts';
import type { Corroborated } from './mentions.ts';

/** What readers of statements need beside them. */
export interface ReadSettings {
  readonly lexicon: Lexicon;
  readonly dates: DateSettings;
  /** Slugs that the sender's own domain speaks for: "hooli", "hooli-eu" of ada@hooli.example. */
  readonly corroborated: Corroborated;
  /** Kinds of things that the subject speaks of. */
  readonly topics: ReadonlySet<Kind>;
  /** Roles whose statements say what is to go: requests; for a cancel or a status question all that speak of it. */
  readonly targets: ReadonlySet<Statement['role']>;
  /** The own text was longer than what is read, so that a negation may be missing. */
  readonly truncated: boolean;
}
