import type { Resolve } from '../../verify/resolver.ts';
import type { DomainFacts } from './verdicts-mail.ts';

/** Looks up what a domain publishes about its mail. Never throws. */
export async function probeDomain(
  resolve: Resolve,
  domain: string,
  selector: string | null,
): Promise<DomainFacts> {
  const [mx, txt, dmarc, dkim] = await Promise.all([
    hosts(resolve, domain),
    texts(resolve, domain),
    policyOf(resolve, domain),
    selector === null ? null : texts(resolve, `${selector}._domainkey.${domain}`),
  ]);
  return { domain, mx, txt, dmarc, dkim: selector === null ? null : { selector, records: dkim } };
}

/** Answers in which there is nothing. */
const NOTHING = ['ENOTFOUND', 'ENODATA'];

async function answers<T>(asked: Promise<T[]>): Promise<readonly T[] | null> {
  try {
    return await asked;
  } catch (error) {
    return NOTHING.includes(String((error as { code?: unknown }).code)) ? [] : null;
  }
}

const hosts = async (resolve: Resolve, name: string): Promise<readonly string[] | null> => {
  const found = await answers(resolve(name, 'MX') as unknown as Promise<{ exchange: string }[]>);
  return found === null ? null : found.map(({ exchange }) => exchange);
};

const texts = async (resolve: Resolve, name: string): Promise<readonly string[] | null> => {
  const found = await answers(resolve(name, 'TXT') as Promise<string[][]>);
  return found === null ? null : found.map((parts) => parts.join(''));
};

const LABELS_MAX = 8;

/** At the domain itself, or at the nearest above it that has one (the walk of the successor of RFC 7489). */
async function policyOf(resolve: Resolve, domain: string): Promise<DomainFacts['dmarc']> {
  const labels = domain.split('.').slice(-LABELS_MAX);
  for (let from = 0; labels.length - from >= 2; from++) {
    const at = labels.slice(from).join('.');
    const records = await texts(resolve, `_dmarc.${at}`);
    if (records?.some((record) => /^v=DMARC1/i.test(record))) return { at, records };
  }
  return null;
}
