/** The customers and the clock of the sandbox, played in the browser. */
import { randomBytes } from 'node:crypto';
import type { Area } from '../../console/areas.ts';
import { sandboxArea } from '../../console/sandbox/area.ts';
import type { ClockStep, SampleMail, SamplePerson } from '../../console/sandbox/ports.ts';
import type { ParsedMessage } from '../../ingest/parse-message.ts';
import type { Desk } from '../desk.ts';
import { moveClock } from '../move-clock.ts';

/** Anybody who reaches the pages reads every mail of the cast, so there are none where anything is real. */
export function sandboxOf(desk: Desk): readonly Area[] {
  const { environment, db } = desk;
  if (!environment.isAllSandbox) return [];
  const mail = environment.sandbox?.mail ?? null;
  const inboxOf = async ({ address }: SamplePerson) => {
    // Where anything is real nobody parses mail in this thread.
    const { isUnreadable, parseMessage } = await import('../../ingest/parse-message.ts');
    const raws = (await mail?.server.inbox(address)) ?? [];
    const first = Math.max(0, raws.length - MAILS_MAX);
    const parsed = await Promise.all(raws.slice(first).map(parseMessage));
    return parsed.flatMap((one, at) => (isUnreadable(one) ? [] : [{ no: first + at + 1, mail: one }]));
  };
  const found = async (person: SamplePerson, no: number | null) =>
    no === null ? null : ((await inboxOf(person)).find((one) => one.no === no)?.mail ?? null);
  return [
    sandboxArea({
      formField,
      people: castOf,
      inbox: async (person) =>
        (await inboxOf(person)).map((one) => sampleOf(one, environment.desk.publicUrl)).reverse(),
      html: async (person, no) => (await found(person, no))?.html ?? null,
      write: async (person, { subject, text, answers }) => {
        const answered = await found(person, answers);
        await mail?.customers.send({
          from: person.address,
          name: person.name,
          to: mail.deskAddress,
          subject: answered === null ? subject || 'Data deletion request' : `Re: ${answered.subject}`,
          text: text.replaceAll('\r\n', '\n'),
          date: await desk.now(),
          ...(answered?.messageId == null
            ? {}
            : { inReplyTo: answered.messageId, references: [...answered.references, answered.messageId] }),
        });
      },
      move: async (step) => {
        const byMs = step === 'next' ? await untilNext(desk) : STEP_MS[step];
        if (byMs === null) return false;
        await moveClock(db, { byMs });
        return true;
      },
    }),
  ];
}

/** Nobody has it who has not seen one of these pages, so no other page can send their forms. */
export const formField = randomBytes(24).toString('base64url');

/** Of a long inbox the newest. */
const MAILS_MAX = 40;
const HOUR_MS = 3_600_000;
const STEP_MS: Readonly<Record<Exclude<ClockStep, 'next'>, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  six_days: 6 * 24 * HOUR_MS,
};

export async function castOf(): Promise<readonly SamplePerson[]> {
  const { PEOPLE, SAMPLE_WORKSPACES } = await import('../../sandbox/sandbox.ts');
  return Object.entries(PEOPLE).map(([key, { name, address }]) => {
    const roles = SAMPLE_WORKSPACES.flatMap(({ slug, members }) =>
      members
        .filter((member) => member.address === address && member.removedAt === null)
        .map(({ role }) => `${role} of ${slug}`),
    );
    return { key, name, address, role: roles[0] ?? '' };
  });
}

function sampleOf(
  { no, mail }: { readonly no: number; readonly mail: ParsedMessage },
  publicUrl: string,
): SampleMail {
  const text = mail.text ?? '';
  const hrefs = [...new Set(text.match(/https?:\/\/[^\s<>"']+/g) ?? [])].filter((href) =>
    href.startsWith(`${publicUrl}/`),
  );
  return {
    no,
    subject: mail.subject,
    at: mail.date?.toISOString() ?? null,
    text,
    hasHtml: mail.html !== null,
    links: hrefs.map((href) => ({
      href,
      label: LABELS[href.slice(publicUrl.length, -1).split('/')[1] ?? ''] ?? href,
    })),
    code: /^ {2,}(\d{6})$/m.exec(text)?.[1] ?? null,
    attachments: mail.attachments.flatMap(({ name }) => name ?? []),
  };
}

const LABELS: Readonly<Record<string, string>> = {
  c: 'The page to type the code on',
  s: 'The page that tells how far it is',
  'receipt-key': 'How to check a receipt',
};

/** To the first instant that an open ticket waits for. */
async function untilNext(desk: Desk): Promise<number | null> {
  const row = await desk
    .db('tickets')
    .min<{ next: Date | null }>('wake_at as next')
    .whereNotIn('state', ['completed', 'cancelled', 'rejected', 'expired'])
    .first();
  if (row?.next == null) return null;
  return Math.max(0, row.next.getTime() - (await desk.now()).getTime()) + 1;
}
