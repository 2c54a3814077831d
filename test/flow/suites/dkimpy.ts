/** Debian's dkimpy as the other opinion on signatures and chains. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export type Zone = Readonly<Record<string, string>>;

export interface Signer {
  readonly domain: string;
  readonly selector: string;
  readonly key: string;
}

type Job =
  | { readonly op: 'verify' | 'chain' }
  | ({ readonly op: 'seal' } & Signer)
  | ({
      readonly op: 'sign';
      readonly canonicalization: string;
      readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
      /** Empty = its own choice. */
      readonly headers: readonly string[];
    } & Signer);

export const sign = (mail: Buffer, how: Omit<Extract<Job, { op: 'sign' }>, 'op'>): Promise<Buffer> =>
  prepended(mail, { op: 'sign', ...how });

/** The zone must hold the keys of a chain that is there already: what does not hold is not sealed as if it did. */
export const seal = (mail: Buffer, how: Signer): Promise<Buffer> => prepended(mail, { op: 'seal', ...how });

/** Whether its first signature holds, for each mail. */
export const verified = (mails: readonly Buffer[], zone: Zone): Promise<readonly boolean[]> =>
  ask(mails, zone, { op: 'verify' });

/** `pass`, `fail` or `none`, for each mail. */
export const chains = (mails: readonly Buffer[], zone: Zone): Promise<readonly string[]> =>
  ask(mails, zone, { op: 'chain' });

async function prepended(mail: Buffer, job: Job): Promise<Buffer> {
  const [fields = ''] = await ask<string>([mail], {}, job);
  return Buffer.concat([Buffer.from(fields, 'base64'), mail]);
}

/** @throws Error with the command that installs it, when it is not there */
async function ask<T>(mails: readonly Buffer[], zone: Zone, job: Job): Promise<readonly T[]> {
  const jobs = mails.map((mail) => ({ ...job, mail: mail.toString('base64') }));
  const child = spawn('/usr/bin/python3', [new URL('dkimpy.py', import.meta.url).pathname]);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', reject);
  });
  child.stdin.end(JSON.stringify({ zone, jobs }));
  const [out, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status !== 0) throw new Error(`dkimpy: ${errors}`);
  return JSON.parse(out) as T[];
}
