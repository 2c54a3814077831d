import type { ReceiptPorts } from '../../console/ticket/ports.ts';
import type { SignedReceipt } from '../../domain/receipt.ts';
import { fingerprintOf, verifyReceipt } from '../../purge/receipt.ts';
import { type CertificateFonts, loadCertificateFonts } from '../../reply/certificate/fonts.ts';
import { certificateView } from '../../reply/certificate/view.ts';
import { receiptFile } from '../../reply/message.ts';
import { certificateTongue } from '../../reply/render.ts';
import { mailboxOfTicket } from '../../tickets/mailbox-of.ts';
import type { Desk } from '../desk.ts';
import { mailTemplates } from '../mail-templates.ts';
import { identityOf } from '../outgoing.ts';

export function ticketReceipts({ db, environment, purge }: Desk): ReceiptPorts {
  const signed = async (id: number): Promise<{ signed: SignedReceipt; locale: string } | null> => {
    const found = await db.raw<{ rows: { signed: SignedReceipt; locale: string }[] }>(RECEIPT, [id]);
    return found.rows[0] ?? null;
  };
  let fonts: CertificateFonts | null = null;
  return {
    file: async (id) => {
      const found = await signed(id);
      return found === null ? null : receiptFile(found.signed);
    },
    certificate: async (id) => {
      const found = await signed(id);
      if (found === null) return null;
      fonts ??= loadCertificateFonts();
      const tongue = certificateTongue(mailTemplates(), found.locale);
      const view = certificateView(
        found.signed,
        receiptFile(found.signed),
        identityOf(environment, await mailboxOfTicket(db, id)),
        tongue,
      );
      // Loaded when somebody asks for one: it takes some ten megabytes.
      const { makeCertificate } = await import('../../reply/certificate/certificate.ts');
      return makeCertificate(view, fonts);
    },
    check: async (id) => {
      const found = await signed(id);
      if (found === null) return null;
      const check = verifyReceipt(receiptFile(found.signed));
      const { publicKey } = found.signed;
      return {
        holds: check.ok,
        why: check.ok ? null : check.why,
        isOurKey: publicKey === purge.receiptKey.publicKey,
        fingerprint: fingerprintOf(publicKey),
      };
    },
  };
}

const RECEIPT = `
  select r.signed, c.locale from receipts r join tickets t on t.id = r.ticket_id join conversations c on c.id = t.conversation_id
  where r.ticket_id = ?`;
