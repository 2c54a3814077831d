import type { MailEvidence, Standing } from '../../domain/evidence.ts';
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { plain } from '../../domain/words.ts';
import { templateWords } from '../ticket/template-words.ts';
import { labelOf, subjectOf, whyOf } from './list-view.ts';
import type { MailContent, Piece } from './ports.ts';
import type { MailDetail } from './queries.ts';
import {
  type Label,
  NOT_LOOKED_AT,
  STANDING_WORDS,
  type StandingWords,
  sizeInWords,
  WHY_WAITING,
} from './words.ts';

export interface MailView {
  readonly page: { readonly title: string };
  readonly id: number;
  readonly notice: string | null;
  readonly subject: string;
  readonly label: Label;
  readonly standing: StandingWords;
  readonly waits: boolean;
  readonly whyWaiting: string | null;
  readonly why: string;
  readonly at: string;
  readonly from: string;
  readonly size: string;
  readonly tickets: readonly {
    readonly reference: string;
    readonly state: string;
    readonly opened: boolean;
  }[];
  readonly answers: readonly {
    readonly id: number;
    readonly template: string;
    readonly status: string;
    readonly at: string;
  }[];
  readonly seen: { readonly by: string; readonly at: string; readonly note: string | null } | null;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly notes: readonly string[];
  readonly unreadable: string | null;
  readonly content: ContentView | null;
  readonly hasBytes: boolean;
  /** What can be done here by this agent. */
  readonly acts: {
    readonly any: boolean;
    readonly open: boolean;
    readonly answer: boolean;
    readonly done: boolean;
    /** The one that is most likely right: it stands out. */
    readonly first: 'open' | 'answer' | 'done' | null;
  };
}

interface ContentView {
  readonly addressedTo: string;
  readonly language: string;
  readonly intent: string;
  readonly remarks: readonly string[];
  readonly requests: readonly string[];
  readonly missing: readonly string[];
  readonly notTaken: readonly { readonly text: string; readonly why: string }[];
  readonly blocks: readonly BlockView[];
  readonly hasHtml: boolean;
  readonly attachments: readonly { readonly no: number; readonly words: string }[];
}

/** Lines of one kind in a row: the writer's own, or some that were left out for one reason. */
interface BlockView {
  readonly leftOut: string | null;
  readonly lines: readonly { readonly pieces: readonly PieceView[] }[];
}

interface PieceView {
  readonly text: string;
  readonly field: string | null;
}

export interface MailActs {
  readonly mayAct: boolean;
  readonly canAnswer: boolean;
}

export function mailView(
  row: MailDetail,
  content: MailContent | { readonly unreadable: string },
  standing: (evidence: MailEvidence) => Standing,
  { mayAct, canAnswer }: MailActs,
  notice: string | null = null,
): MailView {
  const read = 'unreadable' in content ? null : content;
  const open = mayAct && read !== null && canOpen(row, read);
  const answer = mayAct && canAnswer;
  const done = mayAct && row.needs_agent;
  return {
    page: { title: `Mail ${row.id}` },
    id: row.id,
    notice,
    subject: subjectOf(row),
    label: labelOf(row.disposition),
    standing: row.evidence === null ? NOT_LOOKED_AT : STANDING_WORDS[standing(row.evidence)],
    waits: row.needs_agent,
    whyWaiting: row.needs_agent && row.disposition !== null ? WHY_WAITING[row.disposition] : null,
    why: whyOf(row),
    at: row.arrived_at.toISOString(),
    from:
      row.author === null
        ? row.erased_at === null
          ? 'no single plain author'
          : 'erased'
        : plain(row.author),
    size: sizeInWords(row.size_bytes),
    tickets: row.tickets.map(({ id, state, opened }) => ({
      reference: referenceOf(ticketId(id)),
      state: state.replaceAll('_', ' '),
      opened,
    })),
    answers: row.answers.map(({ at, template, ...answer }) => ({
      ...answer,
      template: templateWords(template),
      at: new Date(at).toISOString(),
    })),
    seen:
      row.agent_by === null || row.agent_at === null
        ? null
        : {
            by: plain(row.agent_by),
            at: row.agent_at.toISOString(),
            note: row.agent_note === null ? null : plain(row.agent_note),
          },
    facts: row.evidence === null ? [] : factsOf(row.evidence),
    notes: row.evidence?.notes.map(plain) ?? [],
    unreadable: 'unreadable' in content ? content.unreadable : null,
    content: read === null ? null : contentView(read),
    hasBytes: row.kept_bytes !== null,
    acts: {
      any: open || answer || done,
      open,
      answer,
      done,
      first: open && row.needs_agent ? 'open' : answer && row.needs_agent ? 'answer' : done ? 'done' : null,
    },
  };
}

/** The same reasons are looked at again when it is done; here they spare a button that leads nowhere. */
const canOpen = (row: MailDetail, content: MailContent): boolean =>
  row.disposition !== 'opened' &&
  row.disposition !== 'joined' &&
  row.disposition !== 'duplicate' &&
  row.disposition !== 'own' &&
  content.author !== null &&
  content.intent === 'delete' &&
  content.requests.length > 0;

const INTENT_WORDS: Readonly<Record<string, string>> = {
  delete: 'asks for a deletion',
  cancel: 'takes a request back',
  status: 'asks how far it is',
  verify: 'answers with a code',
  other: 'asks for nothing that the desk knows',
};

/** The rule is said too, unless it says the same. */
function intentOf({ intent, rule }: MailContent): string {
  const words = INTENT_WORDS[intent] ?? intent;
  return rule === words ? words : `${words} (${rule})`;
}

function contentView(content: MailContent): ContentView {
  return {
    addressedTo: content.addressedTo.map(plain).join(', '),
    language: content.language,
    intent: intentOf(content),
    remarks: [
      ...(content.automatic
        ? ['A machine or a list sent it; its words are read as if a person had written them.']
        : []),
      ...(content.sealed ? ['Its words are encrypted or packed, and were not read.'] : []),
    ],
    requests: content.requests.map(plain),
    missing: content.missing.map(plain),
    notTaken: content.notTaken.map(({ text, why }) => ({ text: plain(text), why })),
    blocks: blocksOf(content),
    hasHtml: content.hasHtml,
    attachments: content.attachments.map(({ type, sizeBytes }, index) => ({
      no: index + 1,
      words: `${plain(type)}, ${sizeInWords(sizeBytes)}`,
    })),
  };
}

function blocksOf({ lines }: MailContent): readonly BlockView[] {
  const blocks: { leftOut: string | null; lines: { pieces: readonly PieceView[] }[] }[] = [];
  for (const { leftOut, pieces } of lines) {
    const last = blocks.at(-1);
    // Empty lines belong to whatever they stand in.
    const isSame = last !== undefined && (last.leftOut === leftOut || pieces.length === 0);
    const line = { pieces: pieces.map(pieceView) };
    if (isSame) last.lines.push(line);
    else blocks.push({ leftOut, lines: [line] });
  }
  return blocks;
}

const pieceView = ({ text, fields }: Piece): PieceView => ({
  text: visible(text),
  field: fields.length === 0 ? null : fields.join(', '),
});

/** What steers the reading direction or is not seen at all would make a reader see other words than the desk read. */
const visible = (text: string): string =>
  text.replace(
    UNSEEN,
    (sign) => `[U+${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''}]`,
  );

const UNSEEN = /(?![\t\n])\p{Cc}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

function factsOf({ source, spf, dkim, dmarc, arc }: MailEvidence): MailView['facts'] {
  const aligned = (is: boolean) => (is ? 'aligned with the author' : 'not aligned with the author');
  return [
    { name: 'Looked at', value: SOURCE_WORDS[source] },
    {
      name: 'SPF',
      value: `${spf.result}${spf.domain === null ? '' : ` for ${plain(spf.domain)}`}, ${aligned(spf.aligned)}`,
    },
    {
      name: 'DKIM',
      value: `${dkim.result}${dkim.domains.length === 0 ? '' : ` by ${dkim.domains.map(plain).join(', ')}`}, ${aligned(dkim.aligned)}`,
    },
    { name: 'DMARC', value: `${dmarc.result}, policy ${dmarc.policy ?? 'not published'}` },
    ...(arc === undefined
      ? []
      : [
          {
            name: 'ARC',
            value: `${arc.result}${arc.sealer === null ? '' : `, sealed by ${plain(arc.sealer)}${arc.trusted ? ' (trusted)' : ''}`}`,
          },
        ]),
  ];
}

const SOURCE_WORDS = {
  own: 'by the desk itself',
  authserv: 'by your mail server',
  none: 'not at all',
} as const;
