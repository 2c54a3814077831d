/** What the page that goes with a receipt says: a receipt in words, nothing added and nothing left out in silence. */
import { createHash } from 'node:crypto';
import { dayOf } from '../../domain/calendar.ts';
import type { DeskIdentity } from '../../domain/mail-facts.ts';
import {
  asCurrent,
  matchedNothing,
  type ReceiptStep,
  type ReceiptV2,
  type SignedReceipt,
} from '../../domain/receipt.ts';
import { plain } from '../../domain/words.ts';
import { counted, dayIn, fill, numberIn } from '../phrase.ts';
import { keyPageOf, receiptFileName } from '../views.ts';
import type { Wording } from '../wording.ts';
import { exclusionsInWords, retainedInWords } from '../words.ts';

export interface CertificateView {
  /** BCP 47 tag of the language it is in. */
  readonly language: string;
  readonly title: string;
  readonly reference: string;
  readonly desk: { readonly name: string; readonly address: string };
  readonly lead: string;
  /** What could not be removed, in a sentence; `null` = nothing. */
  readonly warning: string | null;
  /** The number that the page is about comes first. */
  readonly totals: readonly { readonly number: string; readonly label: string }[];
  readonly scope: Labelled;
  readonly workspaces: { readonly label: string; readonly ids: readonly string[] };
  /** From the request to the end, in order. */
  readonly moments: readonly { readonly label: string; readonly day: string; readonly time: string }[];
  readonly places: {
    readonly heading: string;
    readonly columns: PlaceRow;
    readonly rows: readonly Place[];
    /** The same with one line a store. */
    readonly byStore: readonly Place[];
    /** Sums up places that have no room, so that the numbers of the page still add up. */
    rest(places: readonly Place[]): PlaceRow;
  };
  readonly stays: Listed;
  readonly leftAlone: Listed;
  /** "and 3 more, see the receipt" */
  more(count: number): string;
  readonly check: {
    readonly heading: string;
    readonly proof: string;
    readonly run: string;
    readonly command: string;
    readonly compare: string;
    readonly url: string;
    /** Lower-case hex, as the receipt file and the key page have them. */
    readonly digest: Labelled;
    readonly fingerprint: Labelled;
  };
  /** The instant at which the purge was complete. */
  readonly completedAt: Date;
}

interface Labelled {
  readonly label: string;
  readonly value: string;
}

interface Listed {
  readonly heading: string;
  readonly lines: readonly string[];
}

export interface PlaceRow {
  readonly place: string;
  readonly how: string;
  readonly count: string;
  readonly left: string;
}

export interface Place extends PlaceRow {
  /** How many places of the receipt it stands for. */
  readonly places: number;
  readonly counted: number;
  readonly remaining: number;
}

/** Wording that has words for a certificate. */
export type CertificateWording = Wording & { readonly certificate: NonNullable<Wording['certificate']> };

/**
 * @param file - the receipt as it is attached, byte for byte
 * @param tongue - the language of the page
 */
export function certificateView(
  signed: SignedReceipt,
  file: string,
  desk: DeskIdentity,
  tongue: { readonly language: string; readonly wording: CertificateWording },
): CertificateView {
  const { wording, language } = tongue;
  const { certificate } = wording;
  const receipt = asCurrent(signed.receipt);
  const { remainingTotal } = receipt;
  const values = { desk: plain(desk.name), reference: plain(receipt.ticket) };
  const fileName = receiptFileName(receipt.ticket);
  return {
    language,
    title: remainingTotal === 0 ? certificate.title : certificate.titlePartial,
    reference: values.reference,
    desk: { name: values.desk, address: plain(desk.address) },
    lead: fill(matchedNothing(receipt) ? certificate.leadNothing : certificate.lead, values),
    warning: remainingTotal === 0 ? null : counted(wording, wording.receipt.remaining, remainingTotal),
    totals: totalsOf(receipt, wording),
    scope: { label: certificate.field.scope, value: certificate.scope[receipt.scope] },
    workspaces: { label: certificate.field.workspaces, ids: receipt.workspaceIds.map(plain) },
    moments: momentsOf(receipt, wording),
    places: placesOf(receipt, wording),
    stays: {
      heading: certificate.stays,
      lines: receipt.retained.map((line) => retainedInWords(wording, line)),
    },
    leftAlone: {
      heading: certificate.leftAlone,
      lines: exclusionsInWords(wording, receipt.exclusions),
    },
    more: (count) => counted(wording, certificate.more, count),
    check: {
      heading: certificate.check.heading,
      proof: fill(certificate.check.proof, { file: fileName }),
      run: certificate.check.run,
      command: `purgedesk receipt verify ${fileName}`,
      compare: certificate.check.compare,
      url: keyPageOf(desk),
      digest: { label: certificate.check.digest, value: sha256(Buffer.from(file, 'utf8')) },
      fingerprint: {
        label: certificate.check.fingerprint,
        value: sha256(Buffer.from(signed.publicKey, 'base64')),
      },
    },
    completedAt: new Date(receipt.completedAt),
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function totalsOf(
  { deletedTotal, clearedTotal, byHandTotal, remainingTotal }: ReceiptV2,
  wording: CertificateWording,
): CertificateView['totals'] {
  const { total } = wording.certificate;
  const others = [
    { count: clearedTotal, label: total.cleared },
    { count: byHandTotal, label: total.byHand },
  ].filter(({ count }) => count > 0);
  const deleted = { count: deletedTotal, label: total.deleted };
  return [
    ...(deletedTotal === 0 && others.length > 0 ? [] : [deleted]),
    ...others,
    { count: remainingTotal, label: total.left },
  ].map(({ count, label }) => ({ number: numberIn(wording, count), label }));
}

function momentsOf(receipt: ReceiptV2, wording: CertificateWording): CertificateView['moments'] {
  const { field } = wording.certificate;
  const moment = (label: string, iso: string) => {
    const instant = new Date(iso);
    const time = `${instant.toISOString().slice(11, 16)} UTC`;
    return { label, day: dayIn(wording, dayOf(instant)), time };
  };
  return [
    moment(field.requested, receipt.requestedAt),
    moment(field.confirmed, receipt.verifiedAt),
    moment(field.waited, receipt.graceEndedAt),
    moment(field.started, receipt.startedAt),
    moment(field.completed, receipt.completedAt),
  ];
}

function placesOf(receipt: ReceiptV2, wording: CertificateWording): CertificateView['places'] {
  const { places } = wording.certificate;
  const { how } = wording.receipt;
  const steps = mergedSteps(receipt.steps);
  const written = (place: string, done: string, counts: Counts): Place => ({
    place,
    how: done,
    count: numberIn(wording, counts.counted),
    left: numberIn(wording, counts.remaining),
    places: counts.places,
    counted: counts.counted,
    remaining: counts.remaining,
  });
  return {
    heading: places.heading,
    columns: { place: places.place, how: places.how, count: places.count, left: places.left },
    rows: steps.map((step) => written(placeOf(step.store, step.target), how[step.action], step)),
    byStore: storesOf(steps).map((store) =>
      written(
        store.targets.length === 1
          ? placeOf(store.store, store.targets[0] ?? '')
          : placeOf(store.store, counted(wording, places.several, store.targets.length)),
        how[store.action],
        store,
      ),
    ),
    rest: (rest) =>
      written(
        counted(wording, places.more, sum(rest.map((row) => row.places))),
        [...new Set(rest.map((row) => row.how))].join(', '),
        {
          places: sum(rest.map((row) => row.places)),
          counted: sum(rest.map((row) => row.counted)),
          remaining: sum(rest.map((row) => row.remaining)),
        },
      ),
  };
}

type Counts = Pick<Place, 'places' | 'counted' | 'remaining'>;

const placeOf = (store: string, target: string): string => `${plain(store)} · ${plain(target)}`;

type MergedStep = Pick<ReceiptStep, 'store' | 'target' | 'action'> & Counts;

/** One line a place: the deletion of an account visits the same table once a workspace. */
const mergedSteps = (steps: readonly ReceiptStep[]): readonly MergedStep[] =>
  merged(steps, ({ store, target, action }) => [store, target, action]).map((group) => ({
    ...group.first,
    places: 1,
    counted: sum(group.all.map(({ deleted }) => deleted)),
    remaining: sum(group.all.map(({ remaining }) => remaining)),
  }));

/** One line for all of a store to which the same was done. */
const storesOf = (
  steps: readonly MergedStep[],
): readonly (Omit<MergedStep, 'target'> & { readonly targets: readonly string[] })[] =>
  merged(steps, ({ store, action }) => [store, action]).map((group) => ({
    store: group.first.store,
    action: group.first.action,
    targets: group.all.map(({ target }) => target),
    places: group.all.length,
    counted: sum(group.all.map((step) => step.counted)),
    remaining: sum(group.all.map(({ remaining }) => remaining)),
  }));

/** Groups of the same key, in the order in which their first members come. */
function merged<T>(
  values: readonly T[],
  keyOf: (value: T) => readonly string[],
): readonly { readonly first: T; readonly all: readonly T[] }[] {
  const groups = new Map<string, { first: T; all: T[] }>();
  for (const value of values) {
    const key = JSON.stringify(keyOf(value));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: value, all: [value] });
    else group.all.push(value);
  }
  return [...groups.values()];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
