/**
 * A process that reads one mail at a time as the desk does, in the desk's own worker threads and under their limits, and
 * measures it. The threads are warm; they are replaced as soon as a mail has left more memory behind than is worth
 * mentioning, so that the next one is measured against the same level.
 */
import { readFile } from 'node:fs/promises';
import type { MailReader } from '../../../src/commands/mail-reader.ts';
import { peakMeter } from './peak.ts';
import { NO_DESK, type Place, type ReaderAnswer } from './place.ts';
import { readerFor } from './reading.ts';
import type { ParseReport } from './report.ts';
import { settingsOf } from './settings.ts';

const ORDINARY = `From: Ada <ada@acme.example>
To: desk@desk.example
Subject: Delete our workspace
Date: Mon, 2 Mar 2026 09:00:00 +0000
Message-ID: <warm-up@acme.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello, please delete the workspace acme-inc with everything in it.
`.replaceAll('\n', '\r\n');

const LEFT_BEHIND_MAX_BYTES = 8 * 1_048_576;

let reader: MailReader | null = null;
/** Resident bytes when the threads were new. */
let level = 0;

async function warmReader(place: Place, at: Date): Promise<MailReader> {
  if (reader !== null && process.memoryUsage.rss() - level > LEFT_BEHIND_MAX_BYTES) {
    await reader.close();
    reader = null;
  }
  if (reader !== null) return reader;
  reader = readerFor(settingsOf(place, NO_DESK));
  await reader.read(Buffer.from(ORDINARY), false, at);
  globalThis.gc?.();
  level = process.memoryUsage.rss();
  return reader;
}

async function measure(place: Place, path: string): Promise<ParseReport> {
  const raw = await readFile(path);
  const at = new Date(place.instant);
  const warm = await warmReader(place, at);
  const peak = peakMeter();
  const begun = performance.now();
  await warm.read(raw, false, at);
  const ms = performance.now() - begun;
  return { ms: Math.round(ms * 10) / 10, peakBytes: peak() };
}

const answer = (message: ReaderAnswer): void => {
  process.send?.(message);
};

let place: Place | null = null;

process.on('message', (message: { readonly place?: Place; readonly path?: string }) => {
  if (message.place !== undefined) {
    place = message.place;
    answer({ kind: 'ready' });
  }
  if (message.path === undefined || place === null) return;
  measure(place, message.path).then(
    (parse) => answer({ kind: 'read', parse }),
    () => process.exit(1),
  );
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; whoever started us ends us in order
