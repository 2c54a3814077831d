/**
 * The points before and after every effect that others can see, where fault tests end the process. `…ing` lies within the
 * transaction that makes the effect, before its commit; the others lie where their names say.
 */
export const CRASH_LABELS = [
  'ingest.fetched',
  'ingest.committed',
  'ingest.moved',
  'ingest.marked',
  'ingest.deciding',
  'ingest.decided',
  'reply.claiming',
  'reply.before_send',
  'reply.sent',
  'reply.recorded',
  'page.deciding',
  'page.decided',
  'tick.deciding',
  'tick.decided',
  'audit.anchoring',
  'audit.anchored',
  'purge.taken',
  'purge.counted',
  'purge.restricting',
  'purge.restricted',
  'purge.guarded',
  'purge.batch.erased',
  'purge.batch.recorded',
  'purge.read_back',
  'purge.step.finishing',
  'purge.step.finished',
  'purge.finishing',
  'purge.finished',
  'notify.before_send',
  'notify.sent',
  'notify.recorded',
  'context.batch.erased',
  'context.batch.recorded',
  'directory.importing',
  'directory.imported',
  'migrate.applying',
  'migrate.applied',
] as const;

export type CrashLabel = (typeof CRASH_LABELS)[number];

/** Ends the process when it is time to. Does nothing outside of fault tests. */
export type CrashPoint = (label: CrashLabel) => void;

export interface CrashAt {
  readonly label: CrashLabel;
  /** At which time of passing it, from 1. */
  readonly nth: number;
}

/** `label` or `label#n`; `null` for what names no point. */
export function readCrashAt(text: string): CrashAt | null {
  const [, name, nth = '1'] = /^([a-z_.]+)(?:#([1-9]\d{0,5}))?$/.exec(text) ?? [];
  const label = CRASH_LABELS.find((known) => known === name);
  return label === undefined ? null : { label, nth: Number(nth) };
}
