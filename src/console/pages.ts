import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import Handlebars from 'handlebars';
import { PurgedeskError } from '../domain/errors.ts';
import { instantInWords } from '../domain/words.ts';
import { readPart } from './assets.ts';
import type { Views } from './views.ts';

/** Names a template of `templates/console` and what it may show. */
export interface Page<View> {
  readonly name: string;
  /** Only for the compiler. */
  readonly view?: View;
}

/** @param name - path below `templates/console` without `.hbs`: `queue/list` */
export const page = <View extends object>(name: string): Page<View> => ({ name });

/** Every page, read and checked. */
export interface Pages {
  /** One page as HTML, every value escaped. Throws when the template asks for a field that its view lacks. */
  render<Name extends keyof Views>(name: Name, view: Views[Name]): string;
  renderPage<View extends object>(page: Page<View>, view: View, frame?: object): string;
}

/** What every page needs and no view knows. */
export interface SiteFacts {
  /** The path under which the desk is published, '' for the root. No slash at the end. */
  readonly base: string;
  readonly version: string;
}

/**
 * Reads and parses every template once, at the start, and compiles it when it is first shown: nothing that a visitor
 * sends is ever compiled. What lies in `partials/` and the layouts can be included by all.
 * @throws PurgedeskError `PD_TEMPLATE_INVALID`
 */
export function loadPages(home: string, site: SiteFacts): Pages {
  const environment = strictEnvironment();
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.hbs'))
    .map((name) => name.slice(0, -'.hbs'.length).split(sep).join('/'));
  for (const name of names.filter(isPartial)) {
    environment.registerPartial(name.replace('partials/', ''), compile(environment, home, name));
  }
  const compiled = new Map(names.map((name) => [name, compile(environment, home, name)]));
  const render = (name: string, view: object, frame: object) => {
    const template = compiled.get(name);
    if (template === undefined) throw new TypeError(`there is no page ${name}`);
    return template({ ...view, ...frame, site });
  };
  return {
    render: (name, view) => render(name, view, {}),
    renderPage: ({ name }, view, frame = {}) => render(name, view, frame),
  };
}

const isPartial = (name: string): boolean =>
  name.startsWith('partials/') || ['layout', 'desk', 'key'].includes(name);
const BLOCKS = ['if', 'unless', 'each', 'with'];

/** Strict mode lets a block ask for a missing field, as in `{{#if typo}}`, and skips it in silence; ours throws. */
function strictEnvironment(): typeof Handlebars {
  const environment = Handlebars.create();
  for (const name of BLOCKS) {
    const helper = environment.helpers[name] as Handlebars.HelperDelegate;
    environment.registerHelper(name, function (this: unknown, field: unknown, options: unknown) {
      if (field === undefined) throw new Error(`a field of #${name} is not defined`);
      return helper.call(this, field, options);
    });
  }
  environment.registerHelper('inWords', inWords);
  return environment;
}

/** "Saturday 28 November 2026, 00:00 UTC" for an instant in ISO 8601. */
function inWords(iso: unknown): string {
  if (typeof iso !== 'string') throw new Error('an instant is no text');
  return instantInWords(iso);
}

function compile(environment: typeof Handlebars, home: string, name: string): HandlebarsTemplateDelegate {
  const source = readPart(join(home, `${name}.hbs`));
  const options = { strict: true, knownHelpersOnly: true, knownHelpers: { inWords: true } };
  try {
    // Handlebars compiles at the first call, and most pages are never asked for. That all of them compile is the
    // business of the tests, since operators do not write pages.
    environment.parseWithoutProcessing(source);
  } catch (cause) {
    throw new PurgedeskError('PD_TEMPLATE_INVALID', `the page ${name}.hbs cannot be parsed`, { cause });
  }
  return environment.compile(source, options);
}
