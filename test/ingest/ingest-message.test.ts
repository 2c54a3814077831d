import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';

import type { MailEvidence } from '../../src/domain/evidence.ts';
import { decideMessage, readMessage } from '../../src/ingest/ingest-message.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import { readHere } from './reader.ts';

const HANDLED = { disposition: 'opened', reason: 'handled', conversationId: 1, needsAgent: false } as const;
const deps = {
  deskAddresses: ['privacy@desk.example'],
  localeOf: () => null,
  bounceOf: () => null,
  instanceId: 'test',
  ...readHere({} as MailEvidence),
  standingOf: () => 'unproven',
  ownMail: () => null,
  handle: async () => HANDLED,
  log: () => {},
} as unknown as IngestDeps;

const bothBodies = (text: string, html: string): Buffer =>
  Buffer.from(
    [
      'From: Ada Novak <ada@lumen.example>',
      'To: privacy@desk.example',
      'Subject: Deletion',
      'Date: Wed, 15 May 2024 10:00:00 +0000',
      'Message-ID: <1@lumen.example>',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      '',
      text,
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      html,
      '--b--',
      '',
    ].join('\r\n'),
  );

async function decided(raw: Buffer) {
  const stored = {
    id: 1,
    raw,
    size_bytes: raw.length,
    content_hash: 'x',
    arrived_at: new Date(),
    attempts: 0,
    put_off_at: null,
    mailbox: null,
  };
  return decideMessage({} as Knex.Transaction, deps, await readMessage(deps, stored), {
    isRepeated: false,
    now: new Date(),
  });
}

describe('a mail whose two bodies ask for different things', () => {
  test('goes to an agent: no ticket, no answer', async () => {
    const raw = bothBodies(
      'Please delete the workspace lumen-labs.',
      '<p>Please delete the workspace lumen-eu.</p>',
    );
    expect(await decided(raw)).toMatchObject({
      disposition: 'other',
      needsAgent: true,
      conversationId: null,
    });
  });

  test('is heard all the same where one of them stops a deletion', async () => {
    const raw = bothBodies(
      'Please delete the workspace lumen-labs.',
      '<p>Please do not delete the workspace lumen-labs.</p>',
    );
    expect(await decided(raw)).toEqual(HANDLED);
  });

  test('is handled like any other where only the markup differs', async () => {
    const raw = bothBodies(
      'Please delete the workspace lumen-labs.',
      '<p>Please delete the <b>workspace</b> lumen-labs.</p>',
    );
    expect(await decided(raw)).toEqual(HANDLED);
  });
});

test('a mail that tells no language is taken to be in that of its mailbox', async () => {
  const languageOf = async (text: string) => {
    const raw = Buffer.from(
      `From: ada@lumen.example\r\nTo: privacy@desk.example\r\nMessage-ID: <2@lumen.example>\r\n\r\n${text}\r\n`,
    );
    const stored = {
      id: 1,
      raw,
      size_bytes: raw.length,
      content_hash: 'x',
      arrived_at: new Date(),
      attempts: 0,
    };
    const german = { ...deps, localeOf: (mailbox: string | null) => (mailbox === 'shop' ? 'de' : null) };
    const read = async (mailbox: string | null) => {
      const { content } = await readMessage(german, { ...stored, put_off_at: null, mailbox });
      return content.kind === 'read' ? content.language : null;
    };
    return [await read('shop'), await read(null)];
  };
  expect(await languageOf('482913')).toEqual(['de', 'en']);
  expect(await languageOf('Please delete the workspace acme-inc')).toEqual(['en', 'en']);
  expect(await languageOf('Bitte löschen Sie den Arbeitsbereich acme-inc')).toEqual(['de', 'de']);
});
