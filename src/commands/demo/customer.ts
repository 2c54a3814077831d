/** What a customer does with a mail: look for the code, the link, the form. Reads the text as a person would. */

import type { News, ReceivedMail } from './news.ts';
import type { Outcome } from './stage.ts';
import { DemoStuck } from './wait.ts';

/** The newest mail of a kind to an address. @throws DemoStuck when none came */
export function mailOf(news: News | Outcome, template: string, address: string): ReceivedMail {
  const found = news.mails.findLast((mail) => mail.template === template && mail.address === address);
  if (found !== undefined) return found;
  const came = news.mails.map((mail) => mail.template).join(', ');
  throw new DemoStuck(`a ${template} mail was expected, and there came ${came === '' ? 'none' : came}`);
}

/** The six digits that stand alone in a line. */
export function codeIn(mail: ReceivedMail): string {
  const code = /^\s*(\d{6})\s*$/m.exec(mail.text)?.[1];
  if (code === undefined) throw new DemoStuck(`there is no code in the ${mail.template} mail`);
  return code;
}

export function linkIn(mail: ReceivedMail): string {
  const link = /https?:\/\/\S+/.exec(mail.text)?.[0];
  if (link === undefined) throw new DemoStuck(`there is no link in the ${mail.template} mail`);
  return link;
}

/** The lines of the mail's form with the answers behind their labels; labels without an answer are left out. */
export function fillIn(mail: ReceivedMail, answers: Readonly<Record<string, string>>): string {
  const filled = mail.text
    .split('\n')
    .map((line) => line.trim().replace(/:$/, ''))
    .filter((label) => answers[label] !== undefined)
    .map((label) => `${label}: ${answers[label]}`);
  if (filled.length > 0) return filled.join('\n');
  throw new DemoStuck(`there is no form in the ${mail.template} mail`);
}

/** A code that is as long and is not this one. */
export const otherCode = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
