/** `purgedesk demo`: whole requests from the first mail to the confirmation, told as they happen. */
import { writeFile } from 'node:fs/promises';
import { dayOf } from '../../domain/calendar.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import { ticketId } from '../../domain/ids.ts';
import { listTickets, showTicket } from '../../tickets/queries.ts';
import { type Check, type Checks, exitCodeOf, makeChecks } from './checks.ts';
import { checkTheEnd } from './final-checks.ts';
import { COLUMNS, wrap } from './layout.ts';
import { closingLines, makeNarrator, type Narrator } from './narrator.ts';
import { type OpenedDemo, withDemo } from './open-demo.ts';
import { deliveredProofs, type Proof, saveProofs } from './proofs.ts';
import type { Stage } from './stage.ts';
import type { Step, TicketEnd } from './steps.ts';
import { storiesOf } from './stories.ts';

/** What `--json` writes. */
export interface Transcript {
  readonly ok: boolean;
  readonly seconds: number;
  readonly steps: readonly Step[];
  readonly checks: readonly Check[];
  readonly tickets: readonly TicketEnd[];
}

/** As shells report it for SIGINT. */
const INTERRUPTED = 130;

/** @returns the exit code: 0 only when everything held that should */
export async function runDemo(options: {
  readonly transcriptFile?: string;
  /** Where the certificates and receipts of the demo's mails are kept for a look. */
  readonly proofsFolder?: string;
}): Promise<number> {
  const began = performance.now();
  const narrator = makeNarrator(process.stdout);
  const checks = makeChecks();
  const abort = new AbortController();
  const release = abortOnSignals(abort);
  let tickets: readonly TicketEnd[] = [];
  let saved: readonly string[] = [];
  try {
    narrator.say(greeting(narrator));
    await withDemo({ narrator, checks, abort, isVerbose: Boolean(process.env.DEBUG) }, async (demo) => {
      const proofs = await tellStories(demo, narrator);
      tickets = await ticketEnds(demo.stage);
      saved = await keepProofs(proofs, options.proofsFolder, narrator);
    });
  } catch (error) {
    if (abort.signal.reason === INTERRUPTED) {
      narrator.say(['', 'Interrupted: everything is stopped and removed.']);
      return INTERRUPTED;
    }
    if (error instanceof PurgedeskError && narrator.steps.length === 0) throw error;
    checks.holds('The demo ran to its end', false, reasonOf(error));
  } finally {
    release();
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const exitCode = exitCodeOf(checks.list);
  narrator.say([
    ...closingLines(checks.list, tickets, narrator.paint),
    '',
    ...saved,
    ...verdict(checks, seconds, narrator),
  ]);
  if (options.transcriptFile !== undefined) {
    await writeTranscript(options.transcriptFile, {
      ok: exitCode === 0,
      seconds,
      steps: narrator.steps,
      checks: checks.list,
      tickets,
    });
  }
  return exitCode;
}

/** The first signal ends the stories and cleans up; a second one ends the process, and the database ends with it. */
function abortOnSignals(abort: AbortController): () => void {
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(INTERRUPTED);
    abort.abort(INTERRUPTED);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  };
}

const ABOUT =
  'Customers write to a desk, and the desk decides: real mails by SMTP and IMAP, really signed, a real database, rows ' +
  'that are really deleted. All of it is made for this demo on this machine, and removed at its end. Only the clock is ' +
  'not real: it is moved, so that five days pass at once.';

function greeting({ paint }: Narrator): readonly string[] {
  return [
    '',
    ` ${paint('bold', 'purgedesk demo')}`,
    '',
    ...wrap(ABOUT, COLUMNS - 4).map((line) => `  ${line}`),
    '',
    paint(
      'dim',
      `  → a mail comes in   ← a mail goes out   ◆ a decision   ▤ rows of the customers' database   ◷ time`,
    ),
    '',
    paint('dim', '  Starting a database with 100,000 rows, a mail server and the desk …'),
  ];
}

/** @returns what customers found with their final mails */
async function tellStories({ stage, consoleUrl }: OpenedDemo, narrator: Narrator): Promise<readonly Proof[]> {
  const stories = storiesOf(dayOf(await stage.desk.now()));
  const deletes = stories.flatMap((story) => story.deletes);
  const before = await stage.customers.checksums(deletes);
  narrator.say([
    narrator.paint('dim', `  The desk reads ${stage.mail.deskAddress}; its pages are at ${consoleUrl}.`),
  ]);
  for (const [index, story] of stories.entries()) {
    await stage.chapter(index + 1, stories.length, story.title, story.intro);
    await story.play(stage);
  }
  narrator.progress('everything is checked once more');
  const proofs = await deliveredProofs(stage);
  await checkTheEnd(stage, before, await stage.customers.checksums(deletes), proofs);
  return proofs;
}

/** @returns lines that say where they can be looked at */
async function keepProofs(
  proofs: readonly Proof[],
  folder: string | undefined,
  { paint }: Narrator,
): Promise<readonly string[]> {
  if (folder === undefined) {
    return [
      paint('dim', ' To look at the certificates of these deletions: npm run demo -- --save FOLDER'),
      '',
    ];
  }
  const files = await saveProofs(proofs, folder);
  return [` ${files} certificates and receipts, as they came with the final mails, are in ${folder}`, ''];
}

async function ticketEnds(stage: Stage): Promise<readonly TicketEnd[]> {
  const lines = await listTickets(stage.desk.db);
  const ends = lines.toReversed().map(async (line): Promise<TicketEnd> => {
    const id = ticketId(Number(line.reference.slice('PD-'.length)));
    const details = await showTicket(stage.desk.db, id);
    const person = Object.values(stage.people).find(({ address }) => address === line.requester);
    const where = line.target?.workspaces.map((workspace) => workspace.slug).join(', ') ?? 'not resolved';
    return {
      ticket: line.reference,
      who: person?.name ?? line.requester ?? '',
      what: `${line.scope} ${line.target?.source === undefined || line.target.source === null ? '' : `${line.target.source.name} of `}${where}`,
      state: line.state,
      holds: line.holds,
      deleted: details?.receipt?.receipt.deletedTotal ?? null,
    };
  });
  return Promise.all(ends);
}

function verdict({ list }: Checks, seconds: number, { paint }: Narrator): readonly string[] {
  const failed = list.filter((check) => !check.ok);
  const [first] = failed;
  if (first === undefined)
    return [paint(['bold', 'green'], ` All ${list.length} checks hold. (${seconds} s)`), ''];
  return [
    paint(
      ['bold', 'red'],
      ` ${failed.length} of ${list.length} checks failed: ${first.name}: ${first.why} (${seconds} s)`,
    ),
    '',
  ];
}

function reasonOf(error: unknown): string {
  const text =
    error instanceof Error
      ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}`
      : String(error);
  return text.replaceAll('\n', ' ');
}

const writeTranscript = (file: string, transcript: Transcript): Promise<void> =>
  writeFile(file, `${JSON.stringify(transcript, null, 2)}\n`);
