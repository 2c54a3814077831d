import type { PersonKey } from '../../src/sandbox/samples.ts';
import type { Letter } from './scene.ts';

/** A request that holds everything: workspace, source and time frame, as our form asks for them. */
export const deletionOf = (
  from: PersonKey,
  workspace: string,
  source: string,
  frame = 'all time',
): Letter => ({
  from,
  subject: 'Data deletion request',
  text: [
    'Hello,',
    '',
    'please delete this data:',
    '',
    `Workspace slug: ${workspace}`,
    `Source: ${source}`,
    `Time frame: ${frame}`,
    '',
    'Thank you',
  ].join('\n'),
});

/** What the tests purge: Ada's request, and which rows it is about. */
export const ADAS_REQUEST = deletionOf('ada', 'acme-inc', 'Website Prod');
export const ADAS_ROWS = { workspaceId: '9f8KqLw2Zr', sourceId: 'src_4hTz81' } as const;

/** Four customers write three mails each, all complete and all about something else. */
export const TWELVE_REQUESTS: readonly Letter[] = [
  ADAS_REQUEST,
  deletionOf('priya', 'globex', 'Website Prod'),
  deletionOf('hana', 'hooli', 'Website Prod'),
  deletionOf('ines', 'stark', 'Website Prod'),
  deletionOf('ada', 'acme-inc', 'Website Staging'),
  deletionOf('priya', 'globex', 'Billing Backend'),
  deletionOf('hana', 'hooli', 'TV App'),
  deletionOf('ines', 'stark', 'iOS App'),
  deletionOf('ada', 'acme-inc', 'iOS App'),
  deletionOf('priya', 'globex-labs', 'Prototype'),
  deletionOf('hana', 'hooli', 'Phone App'),
  deletionOf('ines', 'stark', 'Website Prod', '2025-01-01 to 2025-03-31'),
];

/** A mail that concerns nobody's data: cheap to make and to handle, and it is answered by nobody. */
export const smallTalk = (number: number): Buffer =>
  Buffer.from(
    [
      'From: Sam Porter <sam@elsewhere.example>',
      'To: desk@desk.example',
      `Subject: Minutes of meeting ${number}`,
      `Message-ID: <talk-${number}@elsewhere.example>`,
      'Date: Mon, 02 Nov 2026 09:00:00 +0000',
      'Content-Type: text/plain; charset=utf-8',
      '',
      `We met for the ${number}th time and agreed to meet again.`,
      '',
    ].join('\r\n'),
  );

/** More parts than a reader should open. */
export function unreadable(): Buffer {
  const parts = Array.from({ length: 1_500 }, (_, index) => `--part\r\n\r\n${index}\r\n`);
  const head = [
    'From: Mallory Quill <mallory@freemail.example>',
    'Message-ID: <poison@freemail.example>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="part"',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${parts.join('')}--part--\r\n`);
}
