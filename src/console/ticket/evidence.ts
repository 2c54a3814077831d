/** Why the desk believes it: in words, and the technical facts behind them. */
import type { MailEvidence, Standing } from '../../domain/evidence.ts';
import { plain } from '../../domain/words.ts';
import { type Said, said } from './glance.ts';
import type { EventRow, TicketRecord } from './read-ticket.ts';
import { actorWords } from './state-words.ts';
import { counted } from './what-is-asked.ts';

export interface EvidencePanel {
  readonly points: readonly (Said & { readonly tone: 'good' | 'wait' | 'risk' | '' })[];
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly notes: readonly string[];
}

type Point = EvidencePanel['points'][number];
const point = (tone: Point['tone'], before: string, at: Date | null = null, after = ''): Point => ({
  ...said(before, at, after),
  tone,
});

export function evidencePanel(
  record: TicketRecord,
  standing: (evidence: MailEvidence) => Standing,
): EvidencePanel {
  const { ticket, mailsIn } = record;
  const opening = mailsIn.find(({ id }) => id === ticket.message_id);
  const evidence = opening?.evidence ?? null;
  return {
    points: [
      ...(evidence === null ? [] : [mailPoint(evidence, standing(evidence), opening?.author ?? null)]),
      ...ticket.reasons.map((reason) =>
        point(ticket.verdict === 'entitled' ? 'good' : 'wait', `${sentence(plain(reason))}.`),
      ),
      ...codePoints(record),
      ...agentPoints(record),
    ],
    facts: [...(evidence === null ? [] : mailFacts(evidence)), ...chainFacts(record)],
    notes: evidence?.notes.map(plain) ?? [],
  };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function mailPoint(evidence: MailEvidence, standing: Standing, author: string | null): Point {
  const from = author === null ? 'its sender' : plain(author);
  switch (standing) {
    case 'authenticated': {
      const [domain] = evidence.dkim.domains;
      const how =
        evidence.dkim.result === 'pass' && evidence.dkim.aligned
          ? `it is signed by ${plain(domain ?? 'that domain')}`
          : 'it was sent by a server that its domain names';
      return point('good', `The mail is from ${from}: ${how}.`);
    }
    case 'unproven':
      return point('wait', `The mail says that it is from ${from}; nothing proves it. The code decides.`);
    case 'failed':
      return point('risk', 'The mail failed the checks of who sent it. Nobody was answered.');
    case 'undetermined':
      return point('wait', 'Who sent the mail could not be looked up yet.');
  }
}

function codePoints({ challenge, events, ticket }: TicketRecord): readonly Point[] {
  const answered = events.find(
    ({ type, details }) => type === 'challenge_answered' && details.entitled !== false,
  );
  if (answered !== undefined) return [answeredPoint(answered, ticket.requester_hash)];
  if (challenge === null) return [];
  if (challenge.answered_at !== null)
    return [point('good', 'The code was answered on', challenge.answered_at, '.')];
  if (challenge.tries_left === 0) return [point('risk', 'The code is locked: too many wrong ones came.')];
  if (challenge.voided_at !== null) return [point('wait', 'The code that went out no longer counts.')];
  return [
    point(
      'wait',
      'A code went to the address in the directory; it is not answered yet. It counts until',
      challenge.expires_at,
      '.',
    ),
  ];
}

const answeredPoint = ({ at, actor, details }: EventRow, requesterHash: string): Point =>
  point(
    'good',
    `The code that went to the address in the directory was answered by ${actorWords(actor, requesterHash)} ${details.via === 'page' ? 'on our page' : 'by mail'}, on`,
    at,
    '.',
  );

function agentPoints({ ticket }: TicketRecord): readonly Point[] {
  const { vouched_by: vouchedBy, approved_by: approvedBy } = ticket;
  return [
    ...(vouchedBy === null ? [] : [point('wait', `${vouchedBy} vouches for the requester.`)]),
    ...(approvedBy.length === 0
      ? []
      : [point('good', `The plan was approved by ${approvedBy.join(' and ')}.`)]),
  ];
}

function mailFacts({ source, spf, dkim, dmarc, arc }: MailEvidence): EvidencePanel['facts'] {
  const aligned = (is: boolean): string => (is ? 'of the same domain' : 'of another domain');
  return [
    { label: 'Checked', value: SOURCES[source] },
    {
      label: 'DKIM',
      value: `${dkim.result}, ${aligned(dkim.aligned)}${dkim.domains.length === 0 ? '' : `: ${dkim.domains.map(plain).join(', ')}`}`,
    },
    {
      label: 'SPF',
      value: `${spf.result}, ${aligned(spf.aligned)}${spf.domain === null ? '' : `: ${plain(spf.domain)}`}`,
    },
    { label: 'DMARC', value: `${dmarc.result}, policy ${dmarc.policy ?? 'not found'}` },
    ...(arc === undefined
      ? []
      : [
          {
            label: 'ARC',
            value: `${arc.result}${arc.sealer === null ? '' : `, sealed by ${plain(arc.sealer)}${arc.trusted ? ' (trusted)' : ''}`}`,
          },
        ]),
  ];
}

const SOURCES: Readonly<Record<MailEvidence['source'], string>> = {
  own: 'by the desk itself',
  authserv: 'by the mail server in front of it',
  none: 'not checked',
};

function chainFacts({ ticket, challenge }: TicketRecord): EvidencePanel['facts'] {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Verdict', ticket.verdict],
    ['Workspace IDs', ticket.workspace_ids.join(', ') || null],
    ['Target', ticket.digest],
    ['Plan', ticket.plan_hash],
    ['Code sent', challenge?.created_at.toISOString() ?? null],
    ['Tries left', challenge === null ? null : String(challenge.tries_left)],
    [
      'Audit chain',
      ticket.audit_seq === 0 ? null : `${counted(ticket.audit_seq, 'event')}, ${ticket.audit_head}`,
    ],
  ];
  return facts.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}
