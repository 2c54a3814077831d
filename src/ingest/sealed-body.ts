import type { ParsedMessage } from './parse-message.ts';

/** What only the recipient's own program opens: S/MIME (RFC 8551), OpenPGP (RFC 3156) and TNEF (MS-OXTNEF). */
const SEALED =
  /^(application\/(x-)?pkcs7-mime|application\/pgp-encrypted|multipart\/encrypted|application\/(vnd\.)?ms-tnef)$/i;

/** Whether the writer's words are in such a body and nowhere else: then the subject alone must not stand for them. */
export const isSealed = ({ text, html, contentType, attachments }: ParsedMessage): boolean =>
  `${text ?? ''}${html ?? ''}`.trim() === '' &&
  [contentType.type, ...attachments.map((part) => part.contentType)].some((type) => SEALED.test(type));
