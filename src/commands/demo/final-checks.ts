/** What must hold when all stories have ended, whatever each of them looked at. */
import { verifyLedger } from '../../purge/ledger/verify.ts';
import { verifyReceipt } from '../../purge/receipt.ts';
import { verifyAudit } from '../../tickets/verify-audit.ts';
import type { Proof } from './proofs.ts';
import type { Stage } from './stage.ts';

/** By table and source, space or workspace. */
export type Checksums = Awaited<ReturnType<Stage['customers']['checksums']>>;

/** @param proofs - what customers found in their mailboxes */
export async function checkTheEnd(
  stage: Stage,
  before: Checksums,
  after: Checksums,
  proofs: readonly Proof[],
): Promise<void> {
  checkUntouched(stage, before, after);
  await checkGraces(stage);
  await checkMails(stage);
  await checkAudit(stage);
  await checkProofs(stage, proofs);
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
  const ledger = await verifyLedger(desk.db, desk.purge.ledgerKey);
  checks.holds(
    `The audit chains of ${report.tickets} tickets hold (${report.events} events, ${report.anchors} daily anchors)`,
    report.tickets > 0 && report.problems.length === 0,
    report.problems.join('; '),
  );
  checks.holds(
    `The ledger of ${ledger.entries} erasures holds, and no backup is left that could bring one back`,
    ledger.entries > 0 && ledger.sealed === 0 && ledger.problems.length === 0,
    `${ledger.sealed} still sealed; ${ledger.problems.join('; ')}`,
  );
}

async function checkProofs({ checks, desk }: Stage, proofs: readonly Proof[]): Promise<void> {
  const { rows } = await desk.db.raw<{ rows: [{ receipts: number }] }>(RECEIPTS);
  const [{ receipts }] = rows;
  const tickets = new Set(proofs.map(({ ticket }) => ticket));
  const lacking = proofs.filter(({ certificate, receipt }) => !isPdf(certificate) || receipt === null);
  checks.holds(
    `The final mails of ${receipts} deletions brought a certificate and a signed receipt each`,
    receipts > 0 && tickets.size === receipts && lacking.length === 0,
    `${tickets.size} with files, of ${lacking.map(({ ticket }) => ticket).join(', ')} one is missing`,
  );
  const files = proofs.flatMap(({ receipt }) => (receipt === null ? [] : [receipt]));
  const { publicKey } = desk.purge.receiptKey;
  const wrong = files.flatMap((file) => {
    const check = verifyReceipt(file, publicKey);
    return check.ok ? [] : [check.why];
  });
  checks.holds(
    `The signatures of all ${files.length} receipts verify offline, byte for byte as they arrived`,
    files.length > 0 && wrong.length === 0,
    wrong.join('; '),
  );
  const [first = new Uint8Array()] = files;
  const accepted = [...everyByteChanged(first)].filter((file) => verifyReceipt(file).ok).length;
  checks.holds(
    `No receipt verifies with a byte changed (each of ${first.length} was tried)`,
    first.length > 0 && accepted === 0,
    `${accepted} changes went unnoticed`,
  );
}

const RECEIPTS = 'select cast(count(*) as integer) as receipts from receipts';

const isPdf = (file: Uint8Array | null): boolean =>
  file !== null && Buffer.from(file.subarray(0, 5)).toString('latin1') === '%PDF-';

/** The file again and again, each time with the lowest bit of one byte turned. */
function* everyByteChanged(file: Uint8Array): Generator<Uint8Array> {
  for (const [at, byte] of file.entries()) {
    const changed = Uint8Array.from(file);
    changed[at] = byte ^ 1;
    yield changed;
  }
}
