/** One check of everything that is chained: the tickets' events, their anchors and the ledger of erasures. */
import { verifyLedger } from '../purge/ledger/verify.ts';
import { runAuditCheck } from '../tickets/audit-checks.ts';
import { verifyAudit } from '../tickets/verify-audit.ts';
import type { Desk } from './desk.ts';

export const checkAudit = ({ db, purge }: Pick<Desk, 'db' | 'purge'>): Promise<void> =>
  runAuditCheck(db, async () => {
    const chains = await verifyAudit(db);
    const ledger = await verifyLedger(db, purge.ledgerKey);
    return {
      ...chains,
      ledgerEntries: ledger.entries,
      problems: [...chains.problems, ...ledger.problems.map((problem) => `ledger: ${problem}`)],
    };
  });
