/** A whole run: servers, mails, ten days, a line a mail. */
import { join } from 'node:path';
import { identityOf } from './assume.ts';
import { type Helper, startHelper } from './child.ts';
import { type MailFile, readJson, readMails, readWorkspaces } from './files.ts';
import { type Ground, prepareGround } from './ground.ts';
import type { Options } from './options.ts';
import type { Job, LaneAnswer, ReaderAnswer } from './place.ts';
import type { Line, MailReport, ParseReport } from './report.ts';
import { wantedTickets } from './wanted.ts';
import { zoneOf } from './zone.ts';

/** A desk that says nothing for so long is ended, and its mail reported as unfinished. */
const MAIL_LIMIT_MS = 300_000;
const MAIL_TOGETHER_MS = 10_000;
const READ_LIMIT_MS = 60_000;

/**
 * @param tell - called with each line as soon as it and all before it are there
 * @param say - what a person should know besides; never part of the report
 * @param signal - ends everything early
 * @throws UsageError on a file that cannot be used
 */
export async function runTrust(
  options: Options,
  { tell, say, signal }: { tell(line: Line): void; say(line: string): void; readonly signal: AbortSignal },
): Promise<void> {
  const mails = await readMails(options.mails);
  const workspaces = await readWorkspaces(options.directory);
  const zone = zoneOf(await readJson('--zone', options.zone), options.zone);
  const tickets =
    options.state === null ? [] : wantedTickets(await readJson('--state', options.state), options.state);
  const { identity, assumed } = identityOf(options, mails);
  for (const line of assumed) say(`assumed: ${line}`);
  signal.throwIfAborted();
  const ground = await prepareGround({ workspaces, zone, instant: options.clock, identity, tickets, say });
  const helpers = new Set<Helper<unknown>>();
  const onAbort = () => {
    for (const helper of helpers) void helper.stop();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const parsed = await measure(ground, mails, options.mails, helpers, signal);
    if (options.together) await runTogether(options, ground, mails, parsed, helpers, tell);
    else await runEach(options, ground, mails, parsed, helpers, tell, signal);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', onAbort);
    await Promise.all([...helpers].map((helper) => helper.stop()));
    await ground.stop();
  }
}

type Parsed = ReadonlyMap<string, ParseReport | null>;

/** Alone and before everything else: desks at work beside it would be counted too. */
async function measure(
  ground: Ground,
  mails: readonly MailFile[],
  folder: string,
  helpers: Set<Helper<unknown>>,
  signal: AbortSignal,
): Promise<Parsed> {
  const parsed = new Map<string, ParseReport | null>();
  let reader: Helper<ReaderAnswer> | null = null;
  for (const { file } of mails) {
    signal.throwIfAborted();
    try {
      if (reader === null) {
        reader = startHelper<ReaderAnswer>('./reader.ts', [
          '--expose-gc',
          '--disable-warning=ExperimentalWarning',
        ]);
        helpers.add(reader);
        await reader.ask({ place: ground.place }, READ_LIMIT_MS);
      }
      const answer = await reader.ask({ path: join(folder, file) }, READ_LIMIT_MS);
      parsed.set(file, answer.kind === 'read' ? answer.parse : null);
    } catch {
      if (reader !== null) helpers.delete(reader);
      reader = null; // the mail has brought it down
      parsed.set(file, null);
    }
  }
  if (reader !== null) {
    await reader.stop();
    helpers.delete(reader);
  }
  return parsed;
}

/** Each mail on a desk of its own, a few desks at a time. */
async function runEach(
  options: Options,
  ground: Ground,
  mails: readonly MailFile[],
  parsed: Parsed,
  helpers: Set<Helper<unknown>>,
  tell: (line: Line) => void,
  signal: AbortSignal,
): Promise<void> {
  const lines: Line[] = [];
  let next = 0;
  let told = 0;
  const lane = async () => {
    const worker = new Lane(ground, helpers);
    for (let index = next++; index < mails.length && !signal.aborted; index = next++) {
      const { file } = mails[index] ?? { file: '' };
      const [report] = await worker.run(`m${index + 1}`, [file], options, MAIL_LIMIT_MS);
      lines[index] = { ...(report ?? unfinished(file, 'no report')), parse: parsed.get(file) ?? null };
      for (let line = lines[told]; line !== undefined; line = lines[++told]) tell(line);
    }
    await worker.stop();
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, mails.length) }, lane));
}

/** All mails to one desk; what belongs to no single mail comes last. */
async function runTogether(
  options: Options,
  ground: Ground,
  mails: readonly MailFile[],
  parsed: Parsed,
  helpers: Set<Helper<unknown>>,
  tell: (line: Line) => void,
): Promise<void> {
  const worker = new Lane(ground, helpers);
  const files = mails.map(({ file }) => file);
  const reports = await worker.run(
    'together',
    files,
    options,
    MAIL_LIMIT_MS + files.length * MAIL_TOGETHER_MS,
  );
  for (const report of reports) {
    tell({ ...report, parse: report.file === null ? null : (parsed.get(report.file) ?? null) });
  }
  await worker.stop();
}

/** A process that runs desks; another one takes its place when a mail has brought it down. */
class Lane {
  readonly #ground: Ground;
  readonly #helpers: Set<Helper<unknown>>;
  #helper: Helper<LaneAnswer> | null = null;

  constructor(ground: Ground, helpers: Set<Helper<unknown>>) {
    this.#ground = ground;
    this.#helpers = helpers;
  }

  async run(
    name: string,
    files: readonly string[],
    options: Options,
    limitMs: number,
  ): Promise<readonly MailReport[]> {
    const mailbox = await this.#ground.addMailbox(name);
    const job: Job = {
      name,
      ...mailbox,
      mails: files.map((file) => ({ file, path: join(options.mails, file) })),
      atOnce: options.atOnce,
    };
    try {
      const helper = await this.#started();
      const answer = await helper.ask({ job }, limitMs);
      if (answer.kind === 'done') return answer.lines;
      return files.map((file) => unfinished(file, answer.kind === 'failed' ? answer.why : 'no report'));
    } catch (error) {
      if (this.#helper !== null) this.#helpers.delete(this.#helper);
      this.#helper = null;
      const why = error instanceof Error ? error.message : String(error);
      return files.map((file) => unfinished(file, `the desk's process: ${why}`));
    }
  }

  async #started(): Promise<Helper<LaneAnswer>> {
    if (this.#helper !== null) return this.#helper;
    const helper = startHelper<LaneAnswer>('./lane.ts', ['--disable-warning=ExperimentalWarning']);
    this.#helpers.add(helper);
    await helper.ask({ place: this.#ground.place }, MAIL_LIMIT_MS);
    this.#helper = helper;
    return helper;
  }

  async stop(): Promise<void> {
    if (this.#helper === null) return;
    await this.#helper.stop();
    this.#helpers.delete(this.#helper);
  }
}

const unfinished = (file: string, problem: string): MailReport => ({
  file,
  disposition: null,
  reason: null,
  needsAgent: false,
  tickets: [],
  mails: [],
  rowsDeleted: 0,
  problem,
});
