/** A whole run of the harness, as its callers start it. */
import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Line } from './report.ts';

const RUN = join(import.meta.dirname, '..', 'run.ts');
const CLOCK = '2026-03-02T09:00:00Z';
const CODE = '493817';
const OWNER = 'ada@acme.example';

let folder: string;
let mails: string;
let together: string;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const published = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');

/** What our own server writes on top of what it takes in. */
const trace = (ip: string): string =>
  `Return-Path: <someone@elsewhere.example>\r\nReceived: from client (client [${ip}])\r\n` +
  `\tby mx.desk.test with ESMTPS id 1\r\n\tfor <desk@desk.test>; Mon, 2 Mar 2026 09:00:00 +0000\r\n`;

async function signed(subject: string, text: string): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const sent = await transport.sendMail({
    from: OWNER,
    to: 'desk@desk.test',
    subject,
    text,
    date: new Date(CLOCK),
    messageId: `<${subject.length}.${text.length}@acme.example>`,
    dkim: {
      domainName: 'acme.example',
      keySelector: 's1',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  });
  return Buffer.concat([Buffer.from(trace('192.0.2.1')), sent.message as Buffer]);
}

const forged = (): Buffer =>
  Buffer.from(
    `${trace('203.0.113.66')}From: Ada <${OWNER}>\r\nTo: desk@desk.test\r\nSubject: Delete our workspace\r\n` +
      `Date: Mon, 2 Mar 2026 09:00:00 +0000\r\nMessage-ID: <forged@elsewhere.example>\r\n\r\n` +
      'Please delete the workspace acme-inc, all of it.\r\n',
  );

const poison = (): Buffer =>
  Buffer.from(
    `${trace('203.0.113.66')}From: Ada <${OWNER}>\r\nFrom: Eve <eve@elsewhere.example>\r\nSubject: Delete\0\r\n\r\n\0\r\n`,
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purgedesk-harness-test-'));
  mails = join(folder, 'mails');
  together = join(folder, 'together');
  await Promise.all([mkdir(mails), mkdir(together)]);
  const request = await signed('Delete our workspace', 'Please delete the workspace acme-inc, all of it.');
  const file = (name: string, content: string | Buffer) => writeFile(join(folder, name), content);
  await file('mails/1-honest.eml', request);
  await file('mails/2-forged.eml', forged());
  await file('mails/3-poison.eml', poison());
  await file('together/1-forged.eml', forged());
  await file('together/2-code.eml', await signed('Re: [PD-1042]', `The code is ${CODE}.`));
  const workspace = {
    id: '9f8KqLw2Zr',
    slug: 'acme-inc',
    name: 'Acme Inc',
    createdAt: '2019-05-01T00:00:00Z',
    members: [{ address: OWNER, role: 'owner' }],
    sources: [{ id: 'src_web', name: 'Website Prod' }],
  };
  await file('directory.json', JSON.stringify({ workspaces: [workspace] }));
  await file(
    'state.json',
    JSON.stringify([
      { reference: 'PD-1042', state: 'verifying', requester: OWNER, workspace: 'acme-inc', code: CODE },
    ]),
  );
  const records = {
    'acme.example': { TXT: [['v=spf1 ip4:192.0.2.7 -all']] },
    's1._domainkey.acme.example': { TXT: [`v=DKIM1; k=rsa; p=${published}`] },
    '_dmarc.acme.example': { TXT: [['v=DMARC1; p=reject']] },
  };
  await file('zone.json', JSON.stringify({ records, servfail: ['down.example'] }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [RUN, ...args], { maxBuffer: 1e7 }, (error, out, err) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      resolve({ code, out, err });
    });
  });

const files = (): readonly string[] => [
  ...['--directory', join(folder, 'directory.json')],
  ...['--zone', join(folder, 'zone.json')],
  ...['--clock', CLOCK],
];

const linesOf = (out: string): readonly Line[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

test('D04 an honest mail is asked about, a forged one and a poisonous one send nothing', async () => {
  const { code, out, err } = await run('--mails', mails, ...files(), '--json');
  expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('desk@desk.test') });
  const [honest, fake, poisonous, ...rest] = linesOf(out);
  expect(rest).toEqual([]);
  expect(honest).toMatchObject({
    file: '1-honest.eml',
    disposition: 'opened',
    tickets: [
      {
        existedBefore: false,
        states: ['received', 'verifying', 'expired'],
        holds: [],
        verified: false,
        verdict: 'entitled',
      },
    ],
    rowsDeleted: 0,
  });
  // The challenge, its reminder a day later, and the end of the wait: all within the ten days.
  expect(honest?.mails.map(({ to, template, cause }) => [to, template, cause])).toEqual([
    [OWNER, 'verify_request', 'mail'],
    [OWNER, 'verify_request', 'ticket'],
    [OWNER, 'expired', 'ticket'],
  ]);
  expect(honest?.mails[0]?.messageId).toMatch(/^<.+@desk\.test>$/);
  expect(honest?.mails[0]?.at.startsWith('2026-03-02T09:0')).toBe(true);
  expect(honest?.parse?.ms).toBeGreaterThan(0);
  expect(fake).toMatchObject({
    file: '2-forged.eml',
    tickets: [{ states: ['received'], holds: ['review'], verified: false }],
    mails: [],
    rowsDeleted: 0,
  });
  expect(poisonous).toMatchObject({
    file: '3-poison.eml',
    tickets: [],
    mails: [],
    rowsDeleted: 0,
    needsAgent: true,
  });
});

test('together, a code of the state file is told of on its own line, with all that follows in ten days', async () => {
  const state = ['--state', join(folder, 'state.json')];
  const { code, out } = await run('--mails', together, ...files(), ...state, '--together', '--json');
  expect(code).toBe(0);
  const [fake, answer, whole, ...rest] = linesOf(out);
  expect(rest).toEqual([]);
  expect(fake).toMatchObject({ file: '1-forged.eml', mails: [], tickets: [{ existedBefore: false }] });
  expect(answer).toMatchObject({
    file: '2-code.eml',
    disposition: 'joined',
    tickets: [
      {
        reference: 'PD-1042',
        existedBefore: true,
        states: ['verifying', 'grace', 'purging', 'completed'],
        verified: true,
      },
    ],
    mails: [{ to: OWNER, template: 'grace_started', cause: 'mail' }],
  });
  expect(whole).toMatchObject({ file: null, disposition: null, tickets: [] });
  expect(whole?.mails.map(({ template }) => template)).toEqual([
    'grace_reminder',
    'purge_started',
    'completed',
  ]);
  expect(whole?.rowsDeleted).toBeGreaterThan(0);
  expect(answer?.rowsDeleted).toBe(whole?.rowsDeleted);
});

test.each([
  { title: 'an unknown option', args: ['--mial', 'x'], says: '--mial' },
  { title: 'no mails', args: ['--zone', 'x'], says: '--mails is missing' },
  {
    title: 'a wrong instant',
    args: ['--mails', 'x', '--directory', 'x', '--zone', 'x', '--clock', 'noon'],
    says: '--clock is not an instant',
  },
  {
    title: 'a folder that is not there',
    args: ['--mails', 'nowhere', '--directory', 'x', '--zone', 'x', '--clock', CLOCK],
    says: 'cannot read the folder nowhere',
  },
])('$title ends with 2 and one plain message', async ({ args, says }) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(says);
  expect(err).not.toContain('    at ');
});
