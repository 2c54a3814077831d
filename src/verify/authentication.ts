import { type DKIMResult, dkimVerify, dmarc, spf } from 'mailauth';
import { foldAscii, isPlainAddress } from '../domain/directory.ts';
import type { AuthResult, MailEvidence } from '../domain/evidence.ts';
import { type MethodResult, pinnedResults, resultOf } from './authentication-results.ts';
import { type HeaderField, hasMixedLineEnds, headerFields } from './header-fields.ts';
import { budgeted, type LookupBudget, MAX_DNS_MS, type Resolve } from './resolver.ts';
import { type Grade, gradeSignature, type SignatureFacts, tagsOf } from './signature-rules.ts';
import { type TrustedHop, trustedHop } from './trusted-hop.ts';

export interface AuthenticationOptions {
  readonly resolver: Resolve;
  /** Names that our own mail servers write after `by` in Received; empty = none is believed, so no SPF. */
  readonly trustedReceivedBy: readonly string[];
  /** Its authserv-id; `null` = Authentication-Results are never believed and everything is verified here. */
  readonly trustedAuthservId: string | null;
  /** When the mail arrived: signatures are judged by it. */
  readonly now: Date;
  /** Addresses of this desk: a signed mail to somebody else is a replay. */
  readonly deskAddresses: readonly string[];
}

/** More than honest mail ever carries; each costs look-ups and arithmetic. */
const MAX_SIGNATURES = 10;
/** Look-ups end at MAX_DNS_MS; what is left is arithmetic. */
const MAX_TOTAL_MS = MAX_DNS_MS + 2_000;
const MIN_KEY_BITS = 1_024;
const STRONG_KEY_BITS = 2_048;

/**
 * What SPF, DKIM and DMARC say about one mail, after our own rules. It never throws and fails closed: DNS trouble is
 * `temperror`, a mail without exactly one plain author or over a limit is `permerror` of DMARC, and nothing of either
 * ever counts as a pass. BIMI and ARC are not looked at, and nothing is fetched by HTTP.
 *
 * A valid signature that our rules only find weak neither passes nor fails DMARC: the result is `none`.
 * @param raw - the whole mail as it was fetched
 * @param fromAddress - the one mailbox in From as the parser read it, `null` = there is not exactly one
 */
export async function authenticateMessage(
  raw: Buffer,
  fromAddress: string | null,
  options: AuthenticationOptions,
): Promise<MailEvidence> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<MailEvidence>((resolve) => {
    timer = setTimeout(() => resolve(unknown('mail authentication took too long')), MAX_TOTAL_MS);
  });
  try {
    return await Promise.race([examine(raw, fromAddress, options), late]);
  } catch (error) {
    // The library met a mail that it cannot handle; its message may quote the mail.
    return unknown(`mail authentication failed: ${error instanceof Error ? error.name : 'unknown error'}`);
  } finally {
    clearTimeout(timer);
  }
}

async function examine(
  raw: Buffer,
  fromAddress: string | null,
  options: AuthenticationOptions,
): Promise<MailEvidence> {
  const fields = headerFields(raw);
  if (fields === null) return authorless('the header is longer than we read');
  if (fields.filter(({ name }) => name === 'from').length !== 1)
    return authorless('the mail has not one From');
  if (fromAddress === null || !isPlainAddress(fromAddress))
    return authorless('From is not one plain address');
  if (fields.filter(({ name }) => name === 'dkim-signature').length > MAX_SIGNATURES) {
    return authorless(`the mail has more than ${MAX_SIGNATURES} signatures`);
  }
  const budget = budgeted(options.resolver, { deadline: performance.now() + MAX_DNS_MS });
  const author = foldAscii(fromAddress);
  const mail: Mail = {
    raw,
    fields,
    author,
    domain: author.slice(author.lastIndexOf('@') + 1),
    options,
    budget,
  };
  // First of all, and before anything that the mail names could use up time or look-ups: what the author's domain wants.
  const policy = await evaluate(mail, [], []);
  const hop = trustedHop(fields, options.trustedReceivedBy);
  const signals = authservSignals(mail, hop) ?? (await ownSignals(mail, hop));
  if (signals === null) return authorless('two parsers read different authors');
  const evidence = await conclude(mail, policy, signals);
  return budget.exceeded()
    ? { ...evidence, notes: [...evidence.notes, 'the mail asks for too many DNS look-ups'] }
    : evidence;
}

interface Mail {
  readonly raw: Buffer;
  readonly fields: readonly HeaderField[];
  /** Folded address in From, and its domain. */
  readonly author: string;
  readonly domain: string;
  readonly options: AuthenticationOptions;
  readonly budget: LookupBudget;
}

/** What was found about signatures and path, before alignment. */
interface Signals {
  readonly source: 'own' | 'authserv';
  readonly signatures: readonly Signature[];
  readonly spf: { readonly result: AuthResult; readonly domain: string | null };
  /** The server that we believe already says that DMARC fails. */
  readonly dmarcFailed: boolean;
  readonly notes: readonly string[];
}

interface Signature {
  readonly domain: string;
  readonly result: AuthResult | 'weak';
  /** Same organizational domain as the author by the Public Suffix List: only used where no DMARC record exists. */
  readonly related: boolean;
  readonly note: string | null;
}

async function ownSignals(mail: Mail, hop: TrustedHop | null): Promise<Signals | null> {
  const { raw, fields, options, budget } = mail;
  prefetchKeys(fields, budget);
  const verified = await dkimVerify(raw, {
    resolver: lenientNames(budget.resolve),
    curTime: options.now,
    rejectRsaSha1: true,
    minBitLength: MIN_KEY_BITS,
  });
  const [author] = verified.headerFrom;
  if (
    verified.fromFields !== 1 ||
    verified.headerFrom.length !== 1 ||
    foldAscii(author ?? '') !== mail.author
  ) {
    return null;
  }
  const mixedLineEnds = hasMixedLineEnds(raw);
  const grade = (facts: SignatureFacts) => gradeSignature(facts, { fields, mixedLineEnds, ...options });
  const signatures = verified.results
    .filter(({ status }) => status.result !== 'none')
    .map((result) => signatureOf(result, grade));
  const path = await spfOf(mail, hop);
  const notes = [path.note, ...signatures.map(({ note }) => note)].filter((note) => note !== null);
  return { source: 'own', signatures, spf: path, dmarcFailed: false, notes };
}

/**
 * Asks for all keys at once. The library asks for one after the other, so that slow servers named by a forger's own
 * signatures could otherwise use up the time for the one look-up that shows the forgery.
 */
function prefetchKeys(fields: readonly HeaderField[], budget: LookupBudget): void {
  for (const { name, value } of fields) {
    if (name !== 'dkim-signature') continue;
    const tags = tagsOf(value);
    const [selector, domain] = [tags.get('s'), tags.get('d')];
    if (selector && domain) budget.resolve(`${selector}._domainkey.${domain}`, 'TXT').catch(() => {});
  }
}

/** A selector that is no name at all has no key; it must not pass for trouble with the domain's servers. */
const lenientNames =
  (resolve: Resolve): Resolve =>
  async (name, type) => {
    try {
      return await resolve(name, type);
    } catch (error) {
      if (
        error instanceof Error &&
        'code' in error &&
        (error.code === 'EBADNAME' || error.code === 'EBADQUERY')
      ) {
        throw Object.assign(new Error('not a name'), { code: 'ENOTFOUND' });
      }
      throw error;
    }
  };

function signatureOf(result: DKIMResult, grade: (facts: SignatureFacts) => Grade): Signature {
  const domain = foldAscii(result.signingDomain ?? '');
  const related = Boolean(result.status.aligned);
  const base = { domain, related };
  if (result.status.result === 'temperror') {
    return { ...base, result: 'temperror', note: `the key of ${show(domain)} could not be looked up` };
  }
  if (result.status.result !== 'pass') {
    return { ...base, result: 'fail', note: `the signature of ${show(domain)} does not verify` };
  }
  const verdict = grade({
    domain,
    algorithm: foldAscii(result.algo ?? ''),
    signed: new Set(foldAscii(result.signingHeaders?.keys ?? '').split(/\s*:\s*/)),
    limited: result.canonBodyLengthLimited !== false || result.status.underSized !== undefined,
    testing: result.status.testing === true,
    // How a key record is written is its owner's affair; how the signature is written decides what it covers.
    malformed: (result.status.warnings ?? []).some((warning) => !warning.startsWith('key-')),
    signedAt: result.signTime ? new Date(result.signTime) : null,
    expiresAt: result.expiresAfter ? new Date(result.expiresAfter) : null,
  });
  if (verdict.kind === 'good') {
    const short = result.modulusLength !== undefined && result.modulusLength < STRONG_KEY_BITS;
    return { ...base, result: 'pass', note: short ? `the key of ${show(domain)} is short` : null };
  }
  const note = `the signature of ${show(domain)} does not count: ${verdict.why}`;
  return { ...base, result: verdict.kind === 'weak' ? 'weak' : 'fail', note };
}

/** SPF of the path into our own server. A HELO name alone never authenticates anybody. */
async function spfOf(
  mail: Mail,
  hop: TrustedHop | null,
): Promise<{ readonly result: AuthResult; readonly domain: string | null; readonly note: string | null }> {
  const none = (note: string) => ({ result: 'none' as const, domain: null, note });
  if (hop === null || hop.ip === null) return none('no trusted record of the path: SPF not checked');
  if (hop.mailFrom === null) return none('the path has no sender: SPF not checked');
  const domain = foldAscii(hop.mailFrom.slice(hop.mailFrom.lastIndexOf('@') + 1));
  const found = await spf({
    ip: hop.ip,
    helo: hop.helo,
    sender: hop.mailFrom,
    mta: mail.options.trustedReceivedBy[0] ?? 'unknown',
    resolver: mail.budget.resolve,
    maxElapsedTime: MAX_DNS_MS,
  });
  return { result: resultOf(found.status.result), domain, note: null };
}

/** The same facts from our own server's Authentication-Results; `null` = none that counts. */
function authservSignals(mail: Mail, hop: TrustedHop | null): Signals | null {
  const { fields, options } = mail;
  if (options.trustedAuthservId === null) return null;
  const first = fields.findIndex(({ name }) => name === 'received');
  const receivedAt = options.trustedReceivedBy.length === 0 ? first : (hop?.index ?? -1);
  const results = pinnedResults(fields, options.trustedAuthservId, Math.max(0, receivedAt));
  if (results === null) return null;
  const signatures = results
    .filter(({ method }) => method === 'dkim')
    .map((found) => reportedSignature(mail, found));
  const path = results.find(({ method }) => method === 'spf');
  const mailFrom = path?.properties.get('smtp.mailfrom') ?? '';
  const reported = results.find(({ method }) => method === 'dmarc');
  return {
    source: 'authserv',
    signatures,
    spf: {
      result: path === undefined || mailFrom === '' ? 'none' : resultOf(path.result),
      domain: mailFrom === '' ? null : mailFrom.slice(mailFrom.lastIndexOf('@') + 1),
    },
    dmarcFailed: reported !== undefined && resultOf(reported.result) === 'fail',
    notes: signatures.flatMap(({ note }) => note ?? []),
  };
}

/** The server verified the arithmetic; what the signature covers can be read off the mail. */
function reportedSignature(mail: Mail, found: MethodResult): Signature {
  const identity = found.properties.get('header.i') ?? '';
  const domain = found.properties.get('header.d') ?? identity.slice(identity.lastIndexOf('@') + 1);
  const base = { domain, related: domain === mail.domain, note: null };
  const result = resultOf(found.result);
  if (result !== 'pass') return { ...base, result };
  const start = found.properties.get('header.b') ?? '';
  const grades = mail.fields
    .filter(({ name }) => name === 'dkim-signature')
    .map(({ value }) => tagsOf(value))
    .filter(
      (tags) => foldAscii(tags.get('d') ?? '') === domain && foldAscii(tags.get('b') ?? '').startsWith(start),
    )
    .map((tags) =>
      gradeSignature(writtenFacts(domain, tags), {
        fields: mail.fields,
        mixedLineEnds: hasMixedLineEnds(mail.raw),
        ...mail.options,
      }),
    );
  // Which of several was meant cannot be told: the worst decides.
  const worst = ['void', 'weak'].map((kind) => grades.find((grade) => grade.kind === kind)).find(Boolean);
  if (grades.length > 0 && worst === undefined) return { ...base, result };
  const why = worst !== undefined && worst.kind !== 'good' ? worst.why : 'the mail does not hold it';
  const note = `the signature of ${show(domain)} does not count: ${why}`;
  return { ...base, result: worst?.kind === 'weak' ? 'weak' : 'fail', note };
}

function writtenFacts(domain: string, tags: ReadonlyMap<string, string>): SignatureFacts {
  const instant = (tag: string) => {
    const seconds = /^\d{1,12}$/.exec(tags.get(tag) ?? '');
    return seconds === null ? null : new Date(Number(seconds[0]) * 1_000);
  };
  return {
    domain,
    algorithm: foldAscii(tags.get('a') ?? ''),
    signed: new Set(foldAscii(tags.get('h') ?? '').split(':')),
    limited: tags.has('l'),
    testing: false,
    malformed: ['t', 'x'].some((tag) => tags.has(tag) && instant(tag) === null),
    signedAt: instant('t'),
    expiresAt: instant('x'),
  };
}

/** What DMARC says once we decided which results count: alignment is found out anew from those alone. */
type Evaluation = { readonly result: AuthResult; readonly policy: MailEvidence['dmarc']['policy'] } & {
  readonly spfAligned: boolean;
  readonly dkimAligned: boolean;
};

async function evaluate(
  mail: Mail,
  spfDomains: readonly string[],
  dkimDomains: readonly string[],
): Promise<Evaluation> {
  const found = await dmarc({
    headerFrom: mail.author,
    fromFields: 1,
    spfDomains: [...spfDomains],
    dkimDomains: dkimDomains.map((domain) => ({ domain })),
    resolver: lenientNames(mail.budget.resolve),
  });
  // `false` = not one author domain.
  if (found === false) return { result: 'permerror', policy: null, spfAligned: false, dkimAligned: false };
  const policy = (['none', 'quarantine', 'reject'] as const).find((known) => known === found.policy) ?? null;
  // Without a record, or while it cannot be read, the library tells no alignment at all.
  const alignment = policy === null ? null : found.alignment;
  const aligned = (side: { result?: string; strict: boolean } | undefined) =>
    Boolean(side?.result) && (side?.strict !== true || foldAscii(side.result ?? '') === mail.domain);
  return {
    result: resultOf(found.status.result),
    policy,
    spfAligned: aligned(alignment?.spf),
    dkimAligned: aligned(alignment?.dkim),
  };
}

async function conclude(mail: Mail, policy: Evaluation, signals: Signals): Promise<MailEvidence> {
  const { signatures, spf: path, notes, source } = signals;
  const domains = (wanted: Signature['result']) =>
    signatures.filter(({ result }) => result === wanted).map(({ domain }) => domain);
  const good = domains('pass');
  const pathDomains = (wanted: AuthResult) =>
    path.domain !== null && path.result === wanted ? [path.domain] : [];
  const found = await evaluate(mail, pathDomains('pass'), good);
  const published = policy.policy !== null;
  const spfAligned = published ? found.spfAligned : policy.result === 'none' && path.domain === mail.domain;
  const dkimAligned = published
    ? found.dkimAligned
    : policy.result === 'none' && signatures.some(({ result, related }) => result === 'pass' && related);
  let result = found.result;
  if (result === 'fail' && !signals.dmarcFailed) {
    // Not a forgery's mark: a valid signature that we do not count, or an answer that may still come.
    if ((await evaluate(mail, [], domains('weak'))).result === 'pass') result = 'none';
    else if ((await evaluate(mail, pathDomains('temperror'), domains('temperror'))).result === 'pass')
      result = 'temperror';
  }
  const failed = signals.dmarcFailed;
  return {
    source,
    spf: {
      result: path.result,
      domain: path.domain,
      aligned: path.result === 'pass' && spfAligned && !failed,
    },
    dkim: {
      result: dkimResult(signatures),
      domains: good,
      aligned: good.length > 0 && dkimAligned && !failed,
    },
    dmarc: { result: failed ? 'fail' : result, policy: found.policy ?? policy.policy },
    notes,
  };
}

function dkimResult(signatures: readonly Signature[]): AuthResult {
  const order = ['pass', 'temperror', 'fail', 'permerror'] as const;
  return order.find((wanted) => signatures.some(({ result }) => result === wanted)) ?? 'none';
}

const NOTHING = {
  source: 'own',
  spf: { result: 'none', domain: null, aligned: false },
  dkim: { result: 'none', domains: [], aligned: false },
} as const;

/** There is nobody whose domain could be asked. */
const authorless = (note: string): MailEvidence => ({
  ...NOTHING,
  dmarc: { result: 'permerror', policy: null },
  notes: [note],
});

const unknown = (note: string): MailEvidence => ({
  source: 'own',
  spf: { result: 'temperror', domain: null, aligned: false },
  dkim: { result: 'temperror', domains: [], aligned: false },
  dmarc: { result: 'temperror', policy: null },
  notes: [note],
});

/** A domain out of a mail, fit for a sentence. */
const show = (domain: string): string => (/^[a-z0-9.-]{1,253}$/.test(domain) ? domain : 'an odd domain');
