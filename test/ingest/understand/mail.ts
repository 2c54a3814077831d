import type { MailToRead } from '../../../src/ingest/understand/understand.ts';

/** A plain mail of Ada's; `headers` in lower case. */
export function mail(
  overrides: Partial<MailToRead> & { readonly headers?: Record<string, string> } = {},
): MailToRead {
  const { headers = {}, ...rest } = overrides;
  return {
    header: (name) => (headers[name.toLowerCase()] === undefined ? [] : [headers[name.toLowerCase()] ?? '']),
    subject: 'Hello',
    date: new Date('2024-05-15T10:00:00Z'),
    author: 'ada@example.org',
    authorName: 'Ada Novak',
    mediaType: 'text/plain',
    partTypes: [],
    answersForm: false,
    text: '',
    html: null,
    ...rest,
  };
}
