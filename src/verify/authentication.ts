import { dmarc } from 'mailauth/lib/dmarc/index.js';
import { foldAscii, isPlainAddress } from '../domain/directory.ts';
import type { AuthResult, MailEvidence } from '../domain/evidence.ts';
import { type HeaderField, hasMixedLineEnds, headerFields } from '../domain/raw-header.ts';
import { type MethodResult, pinnedResults, resultOf } from './authentication-results.ts';
import { chainKeyNames, chainNote } from './chain.ts';
import { budgeted, type LookupBudget, MAX_DNS_MS, type Resolve } from './resolver.ts';
import { type PathResult, spfOf } from './sender-policy.ts';
import { keyName, keyNames, lookUpKeys } from './signature-keys.ts';
import { gradeSignature, type SignatureFacts, tagsOf } from './signature-rules.ts';
import {
  type Signature,
  type SignatureFindings,
  type SignatureJob,
  showDomain,
  verifySignatures,
} from './signatures.ts';
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
  /** Whose word about a mail that they handed on is shown to agents as such; empty unless told. */
  readonly trustedSealers?: readonly string[];
}

/** A mail whose look-ups are done. */
export interface Authentication {
  /** The arithmetic that is left, to be done by `verifySignatures`, in whatever thread; `null` = none is. */
  readonly job: SignatureJob | null;
  /** What it all adds up to. Nothing is looked up any more. `findings`: of the job, `null` = it failed or there was none. */
  conclude(findings: SignatureFindings | null): Promise<MailEvidence>;
}

/** More than honest mail ever carries; each costs look-ups and arithmetic. */
const MAX_SIGNATURES = 10;
/** Look-ups end at MAX_DNS_MS each, and few wait for another. */
const MAX_TOTAL_MS = MAX_DNS_MS + 2_000;

/**
 * What SPF, DKIM and DMARC say about one mail, after our own rules. It never throws and fails closed: DNS trouble is
 * `temperror`, a mail without exactly one plain author or over a limit is `permerror` of DMARC, and nothing of either
 * ever counts as a pass. BIMI is not looked at, and nothing is fetched by HTTP.
 *
 * A valid signature that our rules only find weak neither passes nor fails DMARC: the result is `none`.
 * @param raw - the whole mail as it was fetched
 * @param fromAddress - the one mailbox in From as the raw bytes hold it, `null` = there is not exactly one
 */
export async function authenticateMessage(
  raw: Buffer,
  fromAddress: string | null,
  options: AuthenticationOptions,
): Promise<MailEvidence> {
  const begun = await beginAuthentication(raw, fromAddress, options);
  if (begun.job === null) return begun.conclude(null);
  return begun.conclude(await verifySignatures(raw, begun.job).catch(() => null));
}

/** The look-ups of `authenticateMessage`, which leave the arithmetic to do. It never throws. */
export async function beginAuthentication(
  raw: Buffer,
  fromAddress: string | null,
  options: AuthenticationOptions,
): Promise<Authentication> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Authentication>((resolve) => {
    timer = setTimeout(() => resolve(settled(unknown('mail authentication took too long'))), MAX_TOTAL_MS);
  });
  try {
    return await Promise.race([begin(raw, fromAddress, options), late]);
  } catch (error) {
    return settled(failed(error));
  } finally {
    clearTimeout(timer);
  }
}

async function begin(
  raw: Buffer,
  fromAddress: string | null,
  options: AuthenticationOptions,
): Promise<Authentication> {
  const fields = headerFields(raw);
  if (fields === null) return settled(authorless('the header is longer than we read'));
  if (fields.filter(({ name }) => name === 'from').length !== 1)
    return settled(authorless('the mail has not one From'));
  if (fromAddress === null || !isPlainAddress(fromAddress))
    return settled(authorless('From is not one plain address'));
  if (fields.filter(({ name }) => name === 'dkim-signature').length > MAX_SIGNATURES) {
    return settled(authorless(`the mail has more than ${MAX_SIGNATURES} signatures`));
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
  const reported = authservSignals(mail, hop);
  if (reported !== null) return { job: null, conclude: () => concluded(mail, policy, reported) };
  const names = new Set([...keyNames(fields), ...chainKeyNames(fields).map(keyName)]);
  const [keys, path] = await Promise.all([
    lookUpKeys([...names], budget.resolve),
    spfOf(hop, { resolve: budget.resolve, receivedBy: options.trustedReceivedBy[0] ?? 'unknown' }),
  ]);
  const { now, deskAddresses, trustedSealers = [] } = options;
  return {
    job: { keys, now, deskAddresses, trustedSealers },
    conclude: async (findings) => {
      if (findings === null) return unknown('the signatures could not be checked');
      // Two readers, two authors: nothing of it counts.
      if (findings.author !== author) return authorless('two parsers read different authors');
      return concluded(mail, policy, ownSignals(findings, path));
    },
  };
}

/** Nothing that is still to be found out could change this. */
const settled = (evidence: MailEvidence): Authentication => ({ job: null, conclude: async () => evidence });

/** The library met a mail that it cannot handle; its message may quote the mail. */
const failed = (error: unknown): MailEvidence =>
  unknown(`mail authentication failed: ${error instanceof Error ? error.name : 'unknown error'}`);

async function concluded(mail: Mail, policy: Evaluation, signals: Signals): Promise<MailEvidence> {
  try {
    const evidence = await conclude(mail, policy, signals);
    return mail.budget.exceeded()
      ? { ...evidence, notes: [...evidence.notes, 'the mail asks for too many DNS look-ups'] }
      : evidence;
  } catch (error) {
    return failed(error);
  }
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
  readonly arc?: MailEvidence['arc'];
  readonly notes: readonly string[];
}

function ownSignals({ signatures, chain }: SignatureFindings, path: PathResult): Signals {
  const told = [path.note, ...signatures.map(({ note }) => note), chainNote(chain)];
  const notes = told.filter((note) => note !== null);
  return { source: 'own', signatures, spf: path, dmarcFailed: false, arc: chain, notes };
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

/** The same facts from our own server's Authentication-Results; `null` = none that counts. */
function authservSignals(mail: Mail, hop: TrustedHop | null): Signals | null {
  const { fields, options } = mail;
  if (options.trustedAuthservId === null) return null;
  const first = fields.findIndex(({ name }) => name === 'received');
  const receivedAt = options.trustedReceivedBy.length === 0 ? first : (hop?.index ?? -1);
  const results = pinnedResults(fields, options.trustedAuthservId, Math.max(0, receivedAt));
  // What it could not find out then may be found out by now, and by us.
  if (results === null || results.some(({ result }) => resultOf(result) === 'temperror')) return null;
  const signatures = results
    .filter(({ method }) => method === 'dkim')
    .map((found) => reportedSignature(mail, found));
  const path = results.find(({ method }) => method === 'spf');
  const mailFrom = path?.properties.get('smtp.mailfrom') ?? '';
  const reported = results.filter(({ method }) => method === 'dmarc');
  return {
    source: 'authserv',
    signatures,
    spf: {
      result: path === undefined || mailFrom === '' ? 'none' : resultOf(path.result),
      domain: mailFrom === '' ? null : mailFrom.slice(mailFrom.lastIndexOf('@') + 1),
    },
    // A server that read another author than we do says nothing good about this one.
    dmarcFailed: reported.some(
      ({ result, properties }) =>
        resultOf(result) === 'fail' || !isAbout(properties.get('header.from'), mail.domain),
    ),
    notes: signatures.flatMap(({ note }) => note ?? []),
  };
}

const isAbout = (from: string | undefined, domain: string): boolean =>
  from === undefined || from.slice(from.lastIndexOf('@') + 1) === domain;

/** The server verified the arithmetic; what the signature covers can be read off the mail. */
function reportedSignature(mail: Mail, found: MethodResult): Signature {
  const identity = found.properties.get('header.i') ?? '';
  const domain = found.properties.get('header.d') ?? identity.slice(identity.lastIndexOf('@') + 1);
  const base = { domain, related: isOneAbove(domain, mail.domain), note: null };
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
  const note = `the signature of ${showDomain(domain)} does not count: ${why}`;
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
  const kin = signatures.filter(({ result, related }) => result === 'pass' && related);
  // Where a public suffix publishes a policy, DMARC alone takes all that are registered below it for one (RFC 9989
  // section 4.10.2): who counts as the author must be of the same owner as well.
  const nearPaths = pathDomains('pass').filter((domain) => isOneAbove(domain, mail.domain));
  const isAllNear = nearPaths.length === pathDomains('pass').length && kin.length === good.length;
  const near = isAllNear
    ? found
    : await evaluate(
        mail,
        nearPaths,
        kin.map(({ domain }) => domain),
      );
  const spfAligned = published ? near.spfAligned : policy.result === 'none' && path.domain === mail.domain;
  const dkimAligned = published ? near.dkimAligned : policy.result === 'none' && kin.length > 0;
  let result = found.result;
  if (result === 'fail' && !signals.dmarcFailed) {
    // Not a forgery's mark: a valid signature that we do not count, or an answer that may still come.
    if ((await evaluate(mail, [], domains('weak'))).result === 'pass') result = 'none';
    else if ((await evaluate(mail, pathDomains('temperror'), domains('temperror'))).result === 'pass')
      result = 'temperror';
  }
  const proved = dkimAligned || (path.result === 'pass' && spfAligned);
  if (result === 'none' && policy.result === 'none' && !proved) {
    // There is no record, and an answer that could prove the author all the same may still come.
    const missing =
      (path.result === 'temperror' && path.domain === mail.domain) ||
      signatures.some((signature) => signature.result === 'temperror' && signature.related);
    if (missing) result = 'temperror';
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
    ...(signals.arc === undefined ? {} : { arc: signals.arc }),
    notes,
  };
}

/** The same, or one stands above the other: who rules a domain rules all below it anyway. */
const isOneAbove = (domain: string, other: string): boolean =>
  domain === other || domain.endsWith(`.${other}`) || other.endsWith(`.${domain}`);

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
