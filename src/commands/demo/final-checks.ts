/** What must hold when all stories have ended, whatever each of them looked at. */
import type { SignedReceipt } from '../../domain/plan.ts';
import { receiptText, verifyReceipt } from '../../purge/receipt.ts';
import { verifyAudit } from '../../tickets/verify-audit.ts';
import type { Stage } from './stage.ts';

/** By table and source, space or workspace. */
export type Checksums = Awaited<ReturnType<Stage['customers']['checksums']>>;

export async function checkTheEnd(stage: Stage, before: Checksums, after: Checksums): Promise<void> {
  checkUntouched(stage, before, after);
  await checkGraces(stage);
  await checkMails(stage);
  await checkAudit(stage);
  await checkReceipts(stage);
}

function checkUntouched({ checks }: Stage, before: Checksums, after: Checksums): void {
  const keys = new Set([...before.keys(), ...after.keys()]);
  const changed = [...keys].filter((key) => before.get(key)?.md5 !== after.get(key)?.md5);
  const rows = [...before.values()].reduce((sum, checksum) => sum + checksum.rows, 0);
  checks.holds(
    `All ${rows.toLocaleString('en-GB')} other rows are as they were, byte for byte (${before.size} checksums)`,
    before.size > 0 && changed.length === 0,
    `changed: ${changed.join(', ')}`,
  );
}

async function checkGraces({ checks, desk }: Stage): Promise<void> {
  const found = await desk.db.raw<{ rows: [{ purged: number; early: number; short: number }] }>(GRACES);
  const { purged, early, short } = found.rows[0];
  checks.holds(
    `No purge began before its grace had ended, and each grace was five days or more (${purged} purges)`,
    purged > 0 && early === 0 && short === 0,
    `${purged} purges, ${early} of them early, ${short} after a short grace`,
  );
}

const GRACES = `
  select count(*) as purged, count(*) filter (where purge_started_at < grace_ends_at) as early,
    count(*) filter (where grace_ends_at < verified_at + interval '120 hours') as short
  from tickets where purge_started_at is not null`;

async function checkMails({ checks, desk, mail, people }: Stage): Promise<void> {
  const { db } = desk;
  const twice = await db.raw<{ rows: [{ mails: number; twice: number }] }>(ANSWERS);
  checks.holds(
    `Each of ${twice.rows[0].mails} mails was answered to its sender at most once`,
    twice.rows[0].twice === 0,
    `${twice.rows[0].twice} mails got more than one answer`,
  );
  const outbox = await db.raw<{ rows: [{ sent: number; other: number }] }>(SENT);
  const boxes = Object.values(people).map(async ({ address }) => (await mail.server.inbox(address)).length);
  const arrived = (await Promise.all(boxes)).reduce((sum, count) => sum + count, 0);
  const { sent, other } = outbox.rows[0];
  checks.holds(
    `Each of the desk's ${sent} mails arrived, and arrived once`,
    sent === arrived && other === 0,
    `${sent} sent, ${arrived} arrived, ${other} in another state`,
  );
  const strangers = await Promise.all(
    [people.mallory, people.sam].map(async ({ address }) => (await mail.server.inbox(address)).length),
  );
  checks.holds(
    'Strangers got one mail at most',
    Math.max(...strangers) <= 1,
    `they got ${strangers.join(' and ')}`,
  );
}

const ANSWERS = `
  select count(*) as mails, count(*) filter (where answers > 1) as twice from (
    select m.id, count(o.id) as answers
    from messages m left join outbox o on o.cause_message_id = m.id and o.recipient = m.author
    group by m.id) answered`;

const SENT = `
  select count(*) filter (where status = 'sent') as sent, count(*) filter (where status <> 'sent') as other from outbox`;

async function checkAudit({ checks, desk }: Stage): Promise<void> {
  const report = await verifyAudit(desk.db);
  checks.holds(
    `The audit chains of ${report.tickets} tickets hold (${report.events} events, ${report.anchors} daily anchors)`,
    report.tickets > 0 && report.problems.length === 0,
    report.problems.join('; '),
  );
}

async function checkReceipts({ checks, desk }: Stage): Promise<void> {
  const rows = await desk.db('receipts').select<{ signed: SignedReceipt }[]>('signed').orderBy('ticket_id');
  const texts = rows.map((row) => receiptText(row.signed));
  const { publicKey } = desk.purge.receiptKey;
  const wrong = texts.flatMap((text) => {
    const check = verifyReceipt(text, publicKey);
    return check.ok ? [] : [check.why];
  });
  checks.holds(
    `The signatures of all ${texts.length} receipts verify offline`,
    texts.length > 0 && wrong.length === 0,
    wrong.join('; '),
  );
  const [first = ''] = texts;
  const accepted = everyByteChanged(first).filter((text) => verifyReceipt(text, publicKey).ok).length;
  checks.holds(
    `No receipt verifies with a byte changed (each of ${first.length} was tried)`,
    first.length > 0 && accepted === 0,
    `${accepted} changes went unnoticed`,
  );
}

/** The text again and again, each time with one character replaced. */
const everyByteChanged = (text: string): readonly string[] =>
  Array.from(text, (character, index) => {
    const other = character === '0' ? '1' : '0';
    return `${text.slice(0, index)}${other}${text.slice(index + 1)}`;
  });
