/** The pages of an import as plain values. */
import type { OrderFormView } from '../operations/order-form.ts';
import type { Difference, Format, Preview } from './ports.ts';

export interface ImportView {
  readonly page: { readonly title: string };
  readonly file: string;
  readonly error: string | null;
  /** What is wrong with the file, a line each. */
  readonly wrong: readonly string[];
  readonly moreWrong: number;
}

export interface PreviewView {
  readonly page: { readonly title: string };
  readonly file: string;
  readonly format: Format;
  readonly digest: string;
  readonly isNothing: boolean;
  readonly counts: readonly string[];
  readonly problems: readonly string[];
  /** Sentences that must be read: what cannot be taken back. */
  readonly warnings: readonly string[];
  /** What has to be typed; `null` = nothing. */
  readonly word: string | null;
  readonly stale: boolean;
  readonly differences: readonly DifferenceView[];
  readonly more: number;
  readonly form: OrderFormView;
}

export interface DifferenceView {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly badges: readonly { readonly tone: string; readonly word: string }[];
  readonly lines: readonly {
    readonly tone: 'plus' | 'minus' | 'same';
    readonly sign: string;
    readonly text: string;
  }[];
  readonly moreLines: number;
}

export interface DoneView {
  readonly page: { readonly title: string };
  readonly opened: readonly string[];
  readonly goingOn: readonly string[];
  readonly cancelled: readonly string[];
}

const WRONG_SHOWN = 100;
const DIFFERENCES_SHOWN = 200;
const LINES_SHOWN = 60;

export const importView = (
  form: { readonly file: string; readonly error: string | null },
  wrong: readonly string[] = [],
): ImportView => ({
  page: { title: 'Import the directory' },
  file: form.file,
  error: form.error,
  wrong: wrong.slice(0, WRONG_SHOWN),
  moreWrong: Math.max(0, wrong.length - WRONG_SHOWN),
});

export function previewView(
  preview: Preview,
  given: {
    readonly file: string;
    readonly format: Format;
    readonly form: OrderFormView;
    readonly stale: boolean;
  },
): PreviewView {
  const { report, differences } = preview;
  const shown = differences.toSorted((a, b) => weight(b) - weight(a)).slice(0, DIFFERENCES_SHOWN);
  return {
    page: { title: 'What the import changes' },
    ...given,
    digest: preview.digest,
    isNothing: differences.length === 0,
    counts: [
      counted(report.added, 'workspace added', 'workspaces added'),
      counted(report.changed, 'changed', 'changed'),
      counted(report.unchanged, 'as it is', 'as they are'),
      counted(report.removed, 'member loses a role', 'members lose their role'),
    ],
    problems: report.problems,
    warnings: warningsOf(preview),
    word: confirmationOf(preview),
    differences: shown.map(viewOf),
    more: differences.length - shown.length,
  };
}

/** What must be typed before people lose roles or workspaces are reported as deleted; it names how many. */
export function confirmationOf({
  report,
  differences,
}: Pick<Preview, 'report' | 'differences'>): string | null {
  const losing = report.removed + demotedIn(differences);
  const parts = [
    ...(losing > 0 ? [`demote ${losing}`] : []),
    ...(report.newlyDeleted.length > 0 ? [`delete ${report.newlyDeleted.length}`] : []),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}

const RANKS = ['member', 'admin', 'owner'];

const isDemoted = ({ was, becomes }: Difference['roles'][number]): boolean =>
  RANKS.indexOf(becomes) < RANKS.indexOf(was);

const demotedIn = (differences: readonly Difference[]): number =>
  differences.reduce((sum, { roles }) => sum + roles.filter(isDemoted).length, 0);

function warningsOf({ report, differences, mustConfirm }: Preview): readonly string[] {
  const deleted = report.newlyDeleted.length;
  const demoted = demotedIn(differences);
  return [
    ...(deleted > 0
      ? [
          `${counted(deleted, 'workspace is', 'workspaces are')} reported as deleted: each opens a ticket, and after its grace all its data is purged.`,
        ]
      : []),
    ...(mustConfirm.deleted > 0
      ? ['That is more than a fifth of all living workspaces. A failed export looks like this.']
      : []),
    ...(report.removed > 0
      ? [
          `${counted(report.removed, 'member loses', 'members lose')} their role: codes from them will not count any more.`,
        ]
      : []),
    ...(mustConfirm.removed > 0
      ? ['That is more than a fifth of all members. A failed export looks like this.']
      : []),
    ...(demoted > 0 ? [`${counted(demoted, 'member gets', 'members get')} a lower role.`] : []),
    ...(report.restored.length > 0
      ? [
          `${counted(report.restored.length, 'workspace lives', 'workspaces live')} again: open tickets about their deletion in the app are cancelled.`,
        ]
      : []),
  ];
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** What cannot be taken back stands first. */
const weight = (one: Difference): number =>
  (one.newlyDeleted ? 8 : 0) +
  (one.membersRemoved.length > 0 ? 4 : 0) +
  (one.roles.some(isDemoted) ? 2 : 0) +
  (one.restored ? 1 : 0);

function viewOf(one: Difference): DifferenceView {
  const lines = linesOf(one);
  return {
    id: one.id,
    slug: one.slug,
    name: one.name,
    badges: [
      ...(one.kind === 'added' ? [{ tone: 'good', word: 'new' }] : []),
      ...(one.newlyDeleted ? [{ tone: 'risk', word: 'deleted: opens a ticket' }] : []),
      ...(one.restored ? [{ tone: 'info', word: 'lives again' }] : []),
    ],
    lines: lines.slice(0, LINES_SHOWN),
    moreLines: Math.max(0, lines.length - LINES_SHOWN),
  };
}

type Line = DifferenceView['lines'][number];

const minus = (text: string): Line => ({ tone: 'minus', sign: '−', text });
const plus = (text: string): Line => ({ tone: 'plus', sign: '+', text });
const same = (text: string): Line => ({ tone: 'same', sign: '→', text });

const linesOf = (one: Difference): readonly Line[] => [
  ...one.membersRemoved.map(({ address, role }) => minus(`${role} ${address}`)),
  ...one.roles.map(({ address, was, becomes }) => same(`${address}: ${was} becomes ${becomes}`)),
  ...one.membersAdded.map(({ address, role }) => plus(`${role} ${address}`)),
  ...one.fields.map(({ field, was, becomes }) => same(`${field}: ${was} becomes ${becomes}`)),
  ...one.blockersAdded.map((kind) => plus(`blocker ${kind}: requests wait until it is settled`)),
  ...one.blockersRemoved.map((kind) => minus(`blocker ${kind}: requests may go on`)),
  ...one.partsRemoved.map(minus),
  ...one.partsRenamed.map(same),
  ...one.partsAdded.map(plus),
];
