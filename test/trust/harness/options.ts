/** What a run is asked to do, read from the command line. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly mails: string;
  readonly directory: string;
  readonly zone: string;
  readonly clock: Date;
  readonly state: string | null;
  readonly json: boolean;
  /** All mails into one mailbox of one desk. */
  readonly together: boolean;
  /** With `together`: all mails lie in the mailbox before the desk starts, instead of one following the other. */
  readonly atOnce: boolean;
  /** Desks at work at the same time. */
  readonly jobs: number;
  /** `null` = not told: see `assume`. */
  readonly deskAddress: string | null;
  readonly trustedReceivedBy: string | null;
  readonly trustedAuthservId: string | null;
}

/** Something that only the caller can put right: said in one line, and the exit code is 2. */
export class UsageError extends Error {}

const USAGE = `usage: npm run --silent test:trust -- --mails DIR --directory FILE --zone FILE --clock INSTANT
         [--state FILE] [--together [--at-once]] [--jobs N] [--json]
         [--desk-address ADDRESS] [--trusted-received-by HOST,…] [--trusted-authserv-id ID]`;

const KNOWN = {
  mails: { type: 'string' },
  directory: { type: 'string' },
  zone: { type: 'string' },
  clock: { type: 'string' },
  state: { type: 'string' },
  json: { type: 'boolean', default: false },
  together: { type: 'boolean', default: false },
  'at-once': { type: 'boolean', default: false },
  jobs: { type: 'string', default: '2' },
  'desk-address': { type: 'string' },
  'trusted-received-by': { type: 'string' },
  'trusted-authserv-id': { type: 'string' },
} as const;

/** @throws UsageError */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parse(args);
  const needed = (name: 'mails' | 'directory' | 'zone' | 'clock'): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new UsageError(`--${name} is missing\n${USAGE}`);
    return value;
  };
  const given = (option: string | undefined, setting: string): string | null => {
    const value = (option ?? env[setting] ?? '').trim();
    return value === '' ? null : value;
  };
  return {
    mails: needed('mails'),
    directory: needed('directory'),
    zone: needed('zone'),
    clock: instant(needed('clock')),
    state: values.state ?? null,
    json: values.json,
    together: values.together,
    atOnce: values['at-once'],
    jobs: count(values.jobs),
    deskAddress: given(values['desk-address'], 'DESK_ADDRESS'),
    trustedReceivedBy: given(values['trusted-received-by'], 'TRUSTED_RECEIVED_BY'),
    trustedAuthservId: given(values['trusted-authserv-id'], 'TRUSTED_AUTHSERV_ID'),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: KNOWN, strict: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** ISO 8601; without a zone it is UTC, as everything is in the desk. */
function instant(text: string): Date {
  const zoned = /([zZ]|[+-]\d{2}:?\d{2})$/.test(text) || !/T\d/.test(text) ? text : `${text}Z`;
  const date = /^\d{4}-\d{2}-\d{2}([T ]|$)/.test(text)
    ? new Date(zoned.replace(' ', 'T'))
    : new Date(Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new UsageError(`--clock is not an instant like 2026-03-02T09:00:00Z: ${text}`);
  }
  return date;
}

function count(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new UsageError(`--jobs is not a number from 1 to 99: ${text}`);
  return Number(text);
}
