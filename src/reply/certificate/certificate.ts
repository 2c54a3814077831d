/** The page that goes with a receipt, for people: what went, what stays, and how to check it. */
import PDFDocument from 'pdfkit';
import type { DeskIdentity, MailFacts } from '../../domain/mail-facts.ts';
import { receiptFile, receiptsOf } from '../message.ts';
import type { CertificateFonts } from './fonts.ts';
import { drawCertificate } from './page.ts';
import { typesetter } from './type.ts';
import { type CertificateView, type CertificateWording, certificateView } from './view.ts';

/** The page for each receipt that a mail tells of, by the ticket's reference. */
export const certificatesFor = (
  facts: MailFacts,
  desk: DeskIdentity,
  tongue: { readonly language: string; readonly wording: CertificateWording },
  fonts: CertificateFonts,
): ReadonlyMap<string, Uint8Array> =>
  new Map(
    receiptsOf(facts).map((signed) => {
      const view = certificateView(signed, receiptFile(signed), desk, tongue);
      return [signed.receipt.ticket, makeCertificate(view, fonts)];
    }),
  );

/**
 * One A4 page as PDF 1.7, tagged for screen readers. The same view and fonts give the same bytes: the instant of the
 * purge stands for the time of writing, and the file's id follows from it.
 */
export function makeCertificate(view: CertificateView, fonts: CertificateFonts): Uint8Array {
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    pdfVersion: '1.7',
    subset: 'PDF/A-2a',
    tagged: true,
    lang: view.language,
    displayTitle: true,
    // No font of the reader's machine: the page looks the same everywhere.
    font: null as unknown as string,
    info: {
      Title: xmlSafe(`${view.title} ${view.reference}`),
      Author: xmlSafe(view.desk.name),
      Creator: 'purgedesk',
      Producer: 'purgedesk',
      CreationDate: view.completedAt,
    },
  });
  drawCertificate(doc, typesetter(doc, fonts), view);
  doc.end();
  // Everything was written by now, into a buffer that nobody has read from.
  const bytes: unknown = doc.read();
  if (!(bytes instanceof Uint8Array)) throw new TypeError('the page was not finished');
  return bytes;
}

/** The metadata are written into XML as they are. */
const xmlSafe = (text: string): string => text.replace(/[<>&]/g, ' ');
