import { Parser } from 'htmlparser2';
import type {
  ChallengeView,
  ConsolePorts,
  Overview,
  ReceiptKeyView,
  SignedCallback,
  Standing,
} from '../../src/console/ports.ts';
import { buildConsole } from '../../src/console/server.ts';

/** Of the shape of a real one: 24 bytes in base64url. */
export const TOKEN = 'b2RkLW9uZS1vdXQtdGhlLWxpbmst_-9A';

export const CODE = '123456';

export const line = (
  reference: string,
  sentence: string,
  standing: Standing = 'on_hold',
): ChallengeView['tickets'][number] => ({ reference, sentence, standing });

export const challenge = (overrides: Partial<ChallengeView> = {}): ChallengeView => ({
  purpose: 'verify',
  state: 'open',
  triesLeft: 5,
  expiresAt: '2026-11-25T09:15:00.000Z',
  tickets: [line('PD-1042', 'all data of the workspace “Acme Inc” (acme-inc)')],
  ...overrides,
});

export const overview = (overrides: Partial<Overview> = {}): Overview => ({
  deskAddress: 'privacy@desk.example.org',
  now: '2026-11-22T09:16:05.000Z',
  formField: 'x'.repeat(32),
  guide: [
    { title: 'Ask', lead: 'Write.', isDone: true, person: 'ada' },
    { title: 'Wait', lead: 'Move the clock.', isDone: false, person: null },
  ],
  people: [
    {
      key: 'ada',
      name: 'Ada',
      address: 'ada@acme.example.org',
      role: 'owner',
      workspace: 'Acme Inc (acme-inc)',
    },
    {
      key: 'mallory',
      name: 'Mallory',
      address: 'mallory@elsewhere.example.org',
      role: 'nobody',
      workspace: '',
    },
  ],
  tickets: [
    {
      reference: 'PD-1042',
      state: 'needs_details',
      sentence: 'all data of the workspace “Acme Inc” (acme-inc)',
      holds: ['doubtful_cancel'],
      requester: 'ada@acme.example.org',
      next: 'Ada is asked for a time frame.',
    },
  ],
  mails: [
    {
      at: '2026-11-22T09:15:40.000Z',
      direction: 'in',
      who: 'ada@acme.example.org',
      what: 'Please delete',
      disposition: 'opened',
    },
    {
      at: '2026-11-22T09:15:00.000Z',
      direction: 'out',
      who: 'ada@acme.example.org',
      what: 'We need more details',
      disposition: 'sent',
    },
  ],
  notices: [],
  commands: [{ title: 'Write as Ada', command: 'npx purgedesk sandbox send --as ada@acme.example.org' }],
  ...overrides,
});

/** A desk that knows one link, and remembers everything that it was asked. */
export interface FakeDesk {
  readonly ports: ConsolePorts;
  /** Calls of the ports that change anything: `token code`, and the choice about a cancel. */
  readonly answers: readonly string[];
  /** Tokens that were looked up. */
  readonly lookups: readonly string[];
  readonly callbacks: readonly (SignedCallback & { readonly store: string })[];
  /** What was logged, as one text. */
  logged(): string;
  readonly log: (level: string, message: string, details: object) => void;
}

export const RECEIPT_KEYS: readonly ReceiptKeyView[] = [
  {
    publicKey: 'MCowBQYDK2VwAyEAcurrent=',
    pem: '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAcurrent=\n-----END PUBLIC KEY-----\n',
    fingerprint: '42f8'.repeat(16),
    firstUsedAt: null,
    isCurrent: true,
  },
  {
    publicKey: 'MCowBQYDK2VwAyEAformer0=',
    pem: '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAformer0=\n-----END PUBLIC KEY-----\n',
    fingerprint: '07ab'.repeat(16),
    firstUsedAt: '2026-11-28T00:20:00.000Z',
    isCurrent: false,
  },
];

export function fakeDesk(
  start: {
    readonly challenge?: ChallengeView | null;
    readonly overview?: Overview | null;
    readonly ports?: Partial<ConsolePorts>;
  } = {},
): FakeDesk {
  let known = start.challenge === undefined ? challenge() : start.challenge;
  const answers: string[] = [];
  const lookups: string[] = [];
  const callbacks: (SignedCallback & { store: string })[] = [];
  const lines: string[] = [];
  const take = (token: string, code: string): 'right' | 'wrong' | 'none' => {
    if (token !== TOKEN || known?.state !== 'open') return 'none';
    if (code === CODE) {
      known = { ...known, state: 'answered' };
      return 'right';
    }
    const triesLeft = known.triesLeft - 1;
    known = { ...known, triesLeft, state: triesLeft === 0 ? 'locked' : 'open' };
    return 'wrong';
  };
  return {
    answers,
    lookups,
    callbacks,
    logged: () => lines.join('\n'),
    log: (...line) => lines.push(JSON.stringify(line)),
    ports: {
      health: async () => ({ ok: true, checks: { database: 'ok' } }),
      readiness: () => ({ ready: true, reasons: [], alarms: [] }),
      findChallenge: async (token) => {
        lookups.push(token);
        return token === TOKEN ? known : null;
      },
      answer: async (token, code) => {
        answers.push(`${token} ${code}`);
        return known?.purpose === 'verify' ? take(token, code) : 'none';
      },
      settleCancel: async (token, code, choice) => {
        answers.push(`${token} ${code} ${choice}`);
        return known?.purpose === 'cancel' ? take(token, code) : 'none';
      },
      takeCallback: async (store, callback) => {
        callbacks.push({ store, ...callback });
        return store === 'crm' && callback.signatures === 'v1,right';
      },
      suppressions: null,
      receiptKeys: async () => RECEIPT_KEYS,
      overview: async () => start.overview ?? null,
      ...start.ports,
    },
  };
}

export const consoleFor = (desk: FakeDesk, publicUrl = 'http://127.0.0.1:8080') =>
  buildConsole({ ports: desk.ports, log: desk.log, publicUrl });

/** How a browser sends the form. */
export const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  url: `/c/${TOKEN}`,
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'same-origin',
    ...headers,
  },
  payload: new URLSearchParams(fields).toString(),
});

/** What is wrong with a page: unclosed or crossed tags, ids used twice or pointing nowhere, controls without labels. */
export function faultsOf(html: string): readonly string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const ids = new Set<string>();
  const wanted: string[] = [];
  const headings: number[] = [];
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (!VOID.has(name)) open.push(name);
        if (!ALLOWED.has(name)) faults.push(`<${name}> is not one of our elements`);
        const { id } = attributes;
        if (id !== undefined && ids.has(id)) faults.push(`the id ${id} is used twice`);
        if (id !== undefined) ids.add(id);
        for (const attribute of ['for', 'aria-describedby', 'aria-labelledby']) {
          wanted.push(...(attributes[attribute]?.split(' ') ?? []));
        }
        if (name === 'input' && attributes.type !== 'hidden')
          wanted.push(attributes.id ?? 'the id of an input');
        if (/^h[1-6]$/.test(name)) headings.push(Number(name[1]));
        for (const attribute of Object.keys(attributes)) {
          if (/^on|^style$|^srcdoc$/.test(attribute)) faults.push(`${attribute} is inline`);
        }
      },
      onclosetag(name) {
        if (VOID.has(name)) return;
        const expected = open.pop();
        if (expected !== name) faults.push(`</${name}> where </${expected}> belongs`);
      },
    },
    { xmlMode: true, decodeEntities: true, lowerCaseTags: true },
  );
  // Void elements are written without a slash; as XML they need one.
  parser.end(html.replace(/<!DOCTYPE html>/, '').replace(/<((?:meta|link|img|input)\b[^>]*)>/g, '<$1/>'));
  faults.push(...open.map((name) => `<${name}> is not closed`));
  faults.push(...wanted.filter((id) => !ids.has(id)).map((id) => `nothing has the id ${id}`));
  if (headings.filter((level) => level === 1).length !== 1) faults.push('a page has one h1');
  headings.forEach((level, place) => {
    if (level > (headings[place - 1] ?? 0) + 1) faults.push(`h${level} skips a level`);
  });
  if (!html.startsWith('<!DOCTYPE html>')) faults.push('no doctype');
  if (/undefined|\bnull\b|NaN|\[object|\{\{/.test(html)) faults.push('a value is missing');
  return faults;
}

const VOID = new Set(['meta', 'link', 'img', 'input']);

const ALLOWED = new Set(
  `html head meta title link body header main section article div p span strong h1 h2 h3 ol ul li a img form label
   input button time pre code fieldset legend details summary`.split(/\s+/),
);
