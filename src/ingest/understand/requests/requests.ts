import {
  type DeletionRequest,
  type EvidenceSpan,
  MAX_CLAUSES,
  type Problem,
} from '../../../domain/request.ts';
import { hitsOf } from '../sentences/phrases.ts';
import { SENTENCE_MAX, STATEMENTS_MAX, type Statement } from '../sentences/statements.ts';
import { chooseFrame } from '../time/choose-frame.ts';
import { doubtsIn } from './doubts.ts';
import { draftsOf } from './drafts.ts';
import { limitsIn } from './limits.ts';
import { type Note, noted } from './notes.ts';
import { corrected, type Placed, placedAll, textAt } from './placed.ts';
import type { ReadSettings } from './read-settings.ts';
import { recordsOf } from './records.ts';
import { workspaceOf } from './workspace-of.ts';

export interface RequestsReading {
  readonly requests: readonly DeletionRequest[];
  readonly problems: readonly Problem[];
  readonly evidence: readonly EvidenceSpan[];
  /** What was said and not taken, and why. */
  readonly notes: readonly Note[];
  /** Whatever the statements name, taken or not. */
  readonly placed: readonly Placed[];
}

/** A doubt anywhere, but for one that other words explain: "all workspaces that we own". */
function isDoubted(each: Statement, { lexicon: { acts } }: ReadSettings): boolean {
  const harmless = hitsOf(each, acts.harmless);
  return hitsOf(each, acts.unsure).some(
    (hit) => !harmless.some((other) => hit.from < other.to && other.from < hit.to),
  );
}

/** More than a person asks for in one mail. A mail beyond is not read in part: its names are asked back. */
const MENTIONS_MAX = 1_000;
const DRAFTS_MAX = 50;
const NOWHERE = { start: 0, end: 0 };

/** Puts together what the statements name: one request a thing. A form with several records is read record by record. */
export function readRequests(statements: readonly Statement[], settings: ReadSettings): RequestsReading {
  const records = settings.targets.size === 1 ? recordsOf(statements) : [];
  if (records.length === 0) return readTogether(statements, settings);
  const inRecords = new Set(records.flat());
  const around = statements.filter((each) => !inRecords.has(each));
  const readings = records
    .filter((record) => !record.some(({ role }) => role === 'negated' || role === 'keep'))
    .map((record) =>
      readTogether(
        [...around, ...record].sort((a, b) => a.start - b.start),
        settings,
      ),
    );
  return joined(readings);
}

function joined(readings: readonly RequestsReading[]): RequestsReading {
  const requests: DeletionRequest[] = [];
  const evidence: EvidenceSpan[] = [];
  for (const reading of readings) {
    for (const [index, request] of reading.requests.entries()) {
      const text = JSON.stringify(request);
      if (requests.some((other) => JSON.stringify(other) === text)) continue;
      const path = `requests.${index}.`;
      for (const span of reading.evidence) {
        if (!span.field.startsWith(path)) continue;
        evidence.push({ ...span, field: `requests.${requests.length}.${span.field.slice(path.length)}` });
      }
      requests.push(request);
    }
  }
  return {
    requests,
    evidence,
    problems: [...new Set(readings.flatMap(({ problems }) => problems))],
    notes: readings.flatMap(({ notes }) => notes),
    placed: readings.flatMap(({ placed }) => placed),
  };
}

/** One request a thing that the statements name between them. */
function readTogether(statements: readonly Statement[], settings: ReadSettings): RequestsReading {
  const spoken = statements.filter(({ role }) => role !== 'orders' && role !== 'aside');
  // "Affected period: …" does nothing and names nothing, but may give the days.
  const timed = statements.filter(({ role }) => role !== 'orders');
  const placed = placedAll(spoken, settings);
  const tooLarge =
    settings.truncated ||
    placed.length > MENTIONS_MAX ||
    spoken.length >= STATEMENTS_MAX ||
    spoken.some(({ start, end }) => end - start > SENTENCE_MAX);
  const { left: all, lost } = corrected(placed.slice(0, MENTIONS_MAX), spoken, settings);
  const { drafts: found, notes: refusals } = draftsOf(all, spoken, settings);
  const doubts = [
    ...doubtsIn(found, spoken, all, settings),
    ...(settings.targets.size > 1 ? [] : limitsIn(found, spoken, all, settings)),
  ];
  const unclear = doubts.length > 0;
  const drafts = found.filter(
    ({ scope }) => scope !== 'account' || !(unclear || spoken.some((each) => isDoubted(each, settings))),
  );
  const doubtful = tooLarge || drafts.length > DRAFTS_MAX || unclear;
  const evidence: EvidenceSpan[] = [];
  const problems = new Set<Problem>();
  const frames: Note[] = [];
  const requests = drafts.slice(0, DRAFTS_MAX).map((draft, index): DeletionRequest => {
    const path = `requests.${index}`;
    const workspace =
      draft.scope === 'account' || draft.scope === 'events'
        ? null
        : workspaceOf(draft, drafts, all, spoken, settings);
    if (workspace !== null) evidence.push(spanOf(`${path}.workspace`, workspace));
    for (const [field, mention] of draft.named) evidence.push(spanOf(`${path}.${field}`, mention));
    const frame =
      draft.scope === 'source' || draft.scope === 'events'
        ? chooseFrame(draft, drafts, timed, settings)
        : null;
    if (frame?.frame) evidence.push({ field: `${path}.timeFrame`, ...textAt(timed, frame.start, frame.end) });
    if (frame?.problem) problems.add(frame.problem);
    if (frame?.frame === null) frames.push(noted(frame.problem ?? 'unclear_days', frame));
    if (draft.request.events.length + draft.request.properties.length > MAX_CLAUSES) {
      problems.add('too_many_clauses');
      frames.push(noted('too_many_clauses', draft.statement));
    }
    return {
      ...draft.request,
      workspace: doubtful ? null : (workspace?.ref ?? null),
      source: doubtful ? null : draft.request.source,
      project: doubtful ? null : draft.request.project,
      timeFrame: frame?.frame ?? null,
    };
  });
  const kept = evidence.filter(({ text }) => text !== '');
  return {
    requests,
    problems: [...problems],
    notes: [
      ...doubts,
      ...lost,
      ...refusals,
      ...frames,
      ...(tooLarge || drafts.length > DRAFTS_MAX ? [noted('too_much', spoken.at(-1) ?? NOWHERE)] : []),
    ],
    placed,
    evidence: doubtful ? kept.filter(({ field }) => !/workspace|source|project/.test(field)) : kept,
  };
}

function spanOf(field: string, { start, end, statement }: Placed): EvidenceSpan {
  return { field, ...textAt([statement], start, end) };
}
