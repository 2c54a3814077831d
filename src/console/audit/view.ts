/** The page of the audit as plain values. */
import { referenceOf, ticketId } from '../../domain/ids.ts';
import { AGENT_ACTS, type AgentEvent } from '../access/events.ts';
import type { AuditCheckLine } from '../operations/ports.ts';
import { type CheckView, checkOf } from '../operations/view.ts';
import { eventWords } from '../ticket/event-words.ts';
import { actorWords } from '../ticket/state-words.ts';
import { type AnchorLine, type AuditEvent, type ImportLine, PAGE_SIZE } from './read-audit.ts';

/** What was read for the list that is shown. */
export type Shown =
  | { readonly show: 'events'; readonly events: readonly AuditEvent[] }
  | { readonly show: 'agents'; readonly acts: readonly AgentEvent[] }
  | { readonly show: 'imports'; readonly imports: readonly ImportLine[] }
  | { readonly show: 'anchors'; readonly anchors: readonly AnchorLine[] }
  | { readonly show: 'checks'; readonly checks: readonly AuditCheckLine[] };

export interface AuditView {
  readonly page: { readonly title: string };
  readonly tabs: readonly { readonly href: string; readonly label: string; readonly isHere: boolean }[];
  readonly ticket: string;
  readonly ticketError: string | null;
  readonly agent: string;
  readonly isEvents: boolean;
  readonly mayCheck: boolean;
  readonly isEmpty: boolean;
  readonly events: readonly EventView[];
  readonly next: string | null;
  readonly acts: readonly { readonly at: string; readonly words: string }[];
  readonly imports: readonly { readonly at: string; readonly words: string; readonly reason: string }[];
  readonly anchors: readonly AnchorLine[];
  readonly checks: readonly CheckView[];
}

interface EventView {
  readonly reference: string;
  readonly seq: number;
  readonly at: string;
  readonly title: string;
  readonly text: string | null;
  readonly tone: string;
  readonly who: string;
  readonly technical: string;
}

const LABELS = {
  events: 'Decisions',
  agents: 'Agents',
  imports: 'Imports',
  anchors: 'Anchors',
  checks: 'Checks',
} as const;

export function auditView(
  shown: Shown,
  asked: {
    readonly show: Shown['show'];
    readonly ticket: string;
    readonly agent: string;
    readonly isUnreadable: boolean;
    readonly isAdmin: boolean;
    readonly mayCheck: boolean;
    readonly base: string;
  },
): AuditView {
  const { show, ticket, agent, base } = asked;
  const events = shown.show === 'events' ? shown.events : [];
  const last = events.length > PAGE_SIZE ? events[PAGE_SIZE - 1] : undefined;
  return {
    page: { title: 'Audit' },
    tabs: (Object.keys(LABELS) as (keyof typeof LABELS)[])
      .filter((key) => key !== 'agents' || asked.isAdmin)
      .map((key) => ({
        href: key === 'events' ? `${base}/audit` : `${base}/audit?show=${key}`,
        label: LABELS[key],
        isHere: key === show,
      })),
    ticket,
    ticketError: asked.isUnreadable ? 'A ticket is named like PD-1042.' : null,
    agent,
    isEvents: show === 'events',
    mayCheck: asked.mayCheck,
    isEmpty: Object.values(shown).some((list) => Array.isArray(list) && list.length === 0),
    events: events.slice(0, PAGE_SIZE).map(viewOf),
    next:
      last === undefined
        ? null
        : `${base}/audit?${new URLSearchParams({ ticket, agent, before: String(last.no) })}`,
    acts: shown.show === 'agents' ? shown.acts.map(actOf) : [],
    imports: shown.show === 'imports' ? shown.imports.map(importOf) : [],
    anchors: shown.show === 'anchors' ? shown.anchors : [],
    checks: shown.show === 'checks' ? shown.checks.map(checkOf) : [],
  };
}

function viewOf(event: AuditEvent): EventView {
  const { title, text, tone } = eventWords({ ...event, at: new Date(event.at) });
  return {
    reference: referenceOf(ticketId(event.ticketId)),
    seq: event.seq,
    at: event.at,
    title,
    text,
    tone: tone ?? '',
    who: actorWords(event.actor, ''),
    technical: `${event.type} ${event.was} → ${event.became} ${event.actor}\n${JSON.stringify(event.details)}\n${event.hash}`,
  };
}

const actOf = ({ at, actor, what, agent, detail }: AgentEvent): AuditView['acts'][number] => ({
  at: at.toISOString(),
  words: `${agent} ${AGENT_ACTS[what]}${detail === null ? '' : ` (${detail})`}, by ${actor}`,
});

const importOf = (line: ImportLine): AuditView['imports'][number] => ({
  at: line.at,
  words: `${line.agent}: ${line.added} added, ${line.changed} changed, ${line.removed} members without their role, ${line.deleted} newly deleted, ${line.restored} restored`,
  reason: line.reason,
});
