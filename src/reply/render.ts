import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { PurgedeskError } from '../domain/errors.ts';
import {
  type DeskIdentity,
  type MailFacts,
  type RenderedMail,
  TEMPLATES,
  type TemplateName,
} from '../domain/mail-facts.ts';
import type { CertificateWording } from './certificate/view.ts';
import { wrapped } from './line-length.ts';
import { type Secrets, type Tongue, type View, viewOf } from './views.ts';
import { readWording, type Wording } from './wording.ts';

/**
 * Every template, with the words that go with it, by locale. Made and checked once; each file is compiled when it is
 * first used, and nothing of a mail ever is.
 */
export type Templates = ReadonlyMap<string, LocaleTemplates>;

interface LocaleTemplates extends Tongue {
  readonly compiled: ReadonlyMap<TemplateName, Compiled>;
}

type Compiled = Readonly<Record<Kind, HandlebarsTemplateDelegate<View>>>;

/**
 * Reads and checks `dir/LOCALE/NAME.{subject,text,html}.hbs` with the partials and layouts beside them, and reads
 * `dir/LOCALE/words.json`. Words are complete in every locale; `en` has all templates, and what another locale leaves
 * out comes in English as a whole mail, words included.
 * @throws PurgedeskError `PD_TEMPLATE_INVALID` with every problem of every file
 */
export function loadTemplates(dir: string): Templates {
  const locales = existsSync(dir) ? foldersOf(dir) : [];
  const problems: string[] = locales.includes(FALLBACK) ? [] : [`${FALLBACK}: no such folder`];
  const templates = new Map<string, LocaleTemplates>();
  for (const locale of locales) {
    const compiled = compileLocale(dir, locale, problems);
    const wording = wordingOf(dir, locale, problems);
    if (wording !== null) templates.set(locale.toLowerCase(), { language: locale, wording, compiled });
  }
  if (problems.length === 0) return templates;
  throw new PurgedeskError('PD_TEMPLATE_INVALID', `mail templates are invalid:\n  ${problems.join('\n  ')}`, {
    details: { count: problems.length },
    remedy:
      'correct the files listed; each locale needs words.json, each mail NAME.subject.hbs, NAME.text.hbs and NAME.html.hbs',
  });
}

/**
 * The words of one locale, for pages and commands that say what mails say.
 * @throws PurgedeskError `PD_TEMPLATE_INVALID` with every problem of the file
 */
export function loadWording(dir: string, locale: string): Wording {
  const problems: string[] = [];
  const wording = wordingOf(dir, locale, problems);
  if (wording !== null) return wording;
  throw new PurgedeskError('PD_TEMPLATE_INVALID', `the words are invalid:\n  ${problems.join('\n  ')}`, {
    details: { count: problems.length },
    remedy: 'correct the file listed',
  });
}

/** The first of these languages that there are words for, else English. @param languages - BCP 47 tags */
export function tongueFor(tongues: readonly Tongue[], languages: readonly string[]): Tongue {
  const wanted = [...languages.flatMap((language) => localesFor(language).slice(0, 2)), FALLBACK];
  const found = wanted.flatMap(
    (locale) => tongues.find(({ language }) => language.toLowerCase() === locale) ?? [],
  )[0];
  if (found === undefined) throw new RangeError('there are no words, not even in English');
  return found;
}

/**
 * One mail in words. Pure.
 * @throws PurgedeskError `PD_TEMPLATE_INVALID` when a template asks for a field that its view does not have, or the
 * facts lack what the mail must say
 */
export function render(
  templates: Templates,
  facts: MailFacts,
  desk: DeskIdentity,
  secrets: Secrets,
): RenderedMail {
  const tongue = localesFor(facts.locale)
    .map((locale) => templates.get(locale))
    .find((found) => found?.compiled.has(facts.template));
  const compiled = tongue?.compiled.get(facts.template);
  if (tongue === undefined || compiled === undefined) throw renderFault(facts, undefined);
  const view = viewOf(facts, desk, secrets, tongue);
  try {
    return {
      language: tongue.language,
      subject: compiled.subject(view).replace(CONTROLS, ' ').trim(),
      text: wrapped(compiled.text(view)),
      html: compiled.html(view).replace(/\n{2,}/g, '\n'),
    };
  } catch (error) {
    throw renderFault(facts, error);
  }
}

/** The words for a certificate in that language; where it has none, all of them in English. */
export function certificateTongue(
  templates: Templates,
  language: string,
): { readonly language: string; readonly wording: CertificateWording } {
  const tongue = localesFor(language)
    .flatMap((locale) => templates.get(locale) ?? [])
    .find(
      (found): found is LocaleTemplates & { wording: CertificateWording } =>
        found.wording.certificate !== null,
    );
  if (tongue !== undefined) return { language: tongue.language, wording: tongue.wording };
  throw new PurgedeskError('PD_TEMPLATE_INVALID', 'no words for a certificate, not even in English', {
    remedy: 'give `certificate` in en/words.json its words back',
  });
}

const KINDS = ['subject', 'text', 'html'] as const;
type Kind = (typeof KINDS)[number];

const FALLBACK = 'en';
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
const KNOWN_HELPERS = ['if', 'unless', 'each', 'with'];

const foldersOf = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && LOCALE.test(entry.name))
    .map((entry) => entry.name);

/** "en", "pt-BR"; other folders hold templates of other things. */
const LOCALE = /^[a-z]{2}(-[A-Z]{2})?$/;

/** A locale's words; `null` after a problem. */
function wordingOf(dir: string, locale: string, problems: string[]): Wording | null {
  const path = join(dir, locale, 'words.json');
  const report = (problem: string) => problems.push(`${locale}/words.json: ${problem}`);
  if (!existsSync(path)) {
    report('the file is missing');
    return null;
  }
  const found: string[] = [];
  const wording = readWording(locale, jsonIn(path), found);
  found.forEach(report);
  return wording;
}

/** The value of a JSON file; `undefined`, which nothing accepts, when it holds none. */
function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function compileLocale(dir: string, locale: string, problems: string[]): LocaleTemplates['compiled'] {
  const home = join(dir, locale);
  // A partial of one kind must not be used by another: html is escaped, text and subject are not.
  const text = environmentOf(home, 'text', { locale, problems });
  const environments = { subject: text, text, html: environmentOf(home, 'html', { locale, problems }) };
  const loaded = new Map<TemplateName, Compiled>();
  for (const name of TEMPLATES) {
    const files = KINDS.map((kind) => join(home, `${name}.${kind}.hbs`));
    if (locale !== FALLBACK && !files.some(existsSync)) continue;
    const compile = (kind: Kind) =>
      compileFile(environments[kind], kind, join(home, `${name}.${kind}.hbs`), {
        shown: `${locale}/${name}.${kind}.hbs`,
        problems,
      });
    loaded.set(name, { subject: compile('subject'), text: compile('text'), html: compile('html') });
  }
  return loaded;
}

/** A Handlebars of its own with the partials and layouts of one kind, called by file name without `.KIND.hbs`. */
function environmentOf(
  home: string,
  kind: Kind,
  report: { readonly locale: string; readonly problems: string[] },
): typeof Handlebars {
  const environment = strictEnvironment();
  const suffix = `.${kind}.hbs`;
  const files = ['partials', 'layouts']
    .filter((folder) => existsSync(join(home, folder)))
    .flatMap((folder) => readdirSync(join(home, folder)).map((file) => ({ folder, file })))
    .filter(({ file }) => file.endsWith(suffix))
    .map(({ folder, file }) => ({ path: `${folder}/${file}`, name: file.slice(0, -suffix.length) }));
  // All names first, so that partials may use each other whatever their order.
  for (const { name } of files) environment.registerPartial(name, () => '');
  for (const { name, path } of files) {
    const shown = { shown: `${report.locale}/${path}`, problems: report.problems };
    environment.registerPartial(name, compileFile(environment, kind, join(home, path), shown));
  }
  return environment;
}

/** Strict mode lets a block ask for a missing field, as in `{{#if typo}}`, and skips it in silence; ours throws. */
function strictEnvironment(): typeof Handlebars {
  const environment = Handlebars.create();
  for (const name of KNOWN_HELPERS) {
    const helper = environment.helpers[name] as Handlebars.HelperDelegate;
    environment.registerHelper(name, function (this: unknown, field: unknown, options: unknown) {
      if (field === undefined) throw new Error(`a field of #${name} is not defined`);
      return helper.call(this, field, options);
    });
  }
  return environment;
}

function compileFile(
  environment: typeof Handlebars,
  kind: Kind,
  path: string,
  report: { readonly shown: string; readonly problems: string[] },
): HandlebarsTemplateDelegate<View> {
  if (!existsSync(path)) {
    report.problems.push(`${report.shown}: the file is missing`);
    return () => '';
  }
  const source = readFileSync(path, 'utf8');
  const options = {
    strict: true,
    knownHelpersOnly: true,
    noEscape: kind !== 'html',
  };
  try {
    const faults = faultsOf(environment, environment.parseWithoutProcessing(source));
    report.problems.push(...faults.map((fault) => `${report.shown}: ${fault}`));
    // Handlebars compiles at the first call: most languages and mails are never needed by a process. Whatever parses
    // and has none of the faults above compiles.
    return environment.compile<View>(source, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : 'cannot be compiled';
    report.problems.push(`${report.shown}: ${reason}`);
    return () => '';
  }
}

/** What parses but must not be in a template: output without escaping, unknown helpers and partials. */
function faultsOf(environment: typeof Handlebars, program: hbs.AST.Program): readonly string[] {
  const faults: string[] = [];
  const partial = (node: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement) => {
    const { line } = node.loc.start;
    if (node.params.length > 1) faults.push(`line ${line}: a partial takes one value`);
    const wanted = (node.name as hbs.AST.PathExpression).original;
    if (wanted !== '@partial-block' && !Object.hasOwn(environment.partials, wanted)) {
      faults.push(`line ${line}: no partial is called ${wanted}`);
    }
  };
  class Inspector extends Handlebars.Visitor {
    override MustacheStatement(node: hbs.AST.MustacheStatement): void {
      if (!node.escaped) faults.push(`line ${node.loc.start.line}: output without escaping ({{{ or {{&)`);
      if (node.params.length > 0 || node.hash !== undefined)
        faults.push(`line ${node.loc.start.line}: a helper is called`);
      super.MustacheStatement(node);
    }
    override SubExpression(node: hbs.AST.SubExpression): void {
      faults.push(`line ${node.loc.start.line}: a helper is called`);
    }
    override Decorator(node: hbs.AST.Decorator): void {
      faults.push(`line ${node.loc.start.line}: decorators are not allowed`);
    }
    override DecoratorBlock(node: hbs.AST.DecoratorBlock): void {
      faults.push(`line ${node.loc.start.line}: decorators are not allowed`);
    }
    override BlockStatement(node: hbs.AST.BlockStatement): void {
      const name = (node.path as hbs.AST.PathExpression).original;
      if (!KNOWN_HELPERS.includes(name))
        faults.push(`line ${node.loc.start.line}: no block is called ${name}`);
      super.BlockStatement(node);
    }
    override PartialStatement(node: hbs.AST.PartialStatement): void {
      partial(node);
      super.PartialStatement(node);
    }
    override PartialBlockStatement(node: hbs.AST.PartialBlockStatement): void {
      partial(node);
      super.PartialBlockStatement(node);
    }
  }
  new Inspector().accept(program);
  return faults;
}

/** `de-AT` → `de-at`, `de`, `en`. */
function localesFor(locale: string): readonly string[] {
  const wanted = locale.toLowerCase();
  return [wanted, wanted.split(/[-_]/, 1)[0] ?? FALLBACK, FALLBACK];
}

const renderFault = (facts: MailFacts, cause: unknown): PurgedeskError =>
  new PurgedeskError('PD_TEMPLATE_INVALID', `the mail ${facts.template} cannot be rendered`, {
    details: { template: facts.template },
    ...(cause === undefined ? {} : { cause }),
    remedy: 'compare the template with the fields of its view in src/reply/views.ts',
  });
