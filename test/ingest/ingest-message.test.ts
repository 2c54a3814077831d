import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';

import type { MailEvidence } from '../../src/domain/evidence.ts';
import { decideMessage, readMessage } from '../../src/ingest/ingest-message.ts';
import type { IngestDeps } from '../../src/ingest/ports.ts';
import { readHere } from './reader.ts';

const HANDLED = { disposition: 'opened', reason: 'handled', conversationId: 1, needsAgent: false } as const;
const deps = {
  deskAddress: 'privacy@desk.example',
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
