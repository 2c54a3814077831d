import { join } from 'node:path';
import Handlebars from 'handlebars';
import { PurgedeskError } from '../domain/errors.ts';
import { readPart } from './assets.ts';
import type { Views } from './views.ts';

/** Every page compiled. */
export interface Pages {
  /** One page as HTML, every value escaped. Throws when the template asks for a field that its view lacks. */
  render<Name extends keyof Views>(name: Name, view: Views[Name]): string;
}

/** What every page needs and no view knows. */
export interface Site {
  /** The path under which the desk is published, '' for the root. No slash at the end. */
  readonly base: string;
  readonly version: string;
}

/**
 * Compiles `NAME.hbs` for each page. Made once at the start: nothing that a visitor sends is ever compiled.
 * @throws PurgedeskError `PD_TEMPLATE_INVALID`
 */
export function loadPages(home: string, site: Site): Pages {
  const environment = strictEnvironment();
  for (const name of PARTIALS) environment.registerPartial(name, compile(environment, home, name));
  const compiled = new Map(NAMES.map((name) => [name, compile(environment, home, name)]));
  return {
    render: (name, view) => compiled.get(name)?.({ ...view, site }) ?? '',
  };
}

const NAMES = [
  'confirm',
  'confirmed',
  'keys',
  'notice',
  'overview',
  'settle',
  'settled',
] as const satisfies readonly (keyof Views)[];
const PARTIALS = ['layout', 'key'];
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
  return environment;
}

function compile(environment: typeof Handlebars, home: string, name: string): HandlebarsTemplateDelegate {
  const source = readPart(join(home, `${name}.hbs`));
  const options = { strict: true, knownHelpersOnly: true };
  try {
    // Handlebars compiles at the first call; precompiling here finds at the start what would fail then.
    environment.precompile(source, options);
  } catch (cause) {
    throw new PurgedeskError('PD_TEMPLATE_INVALID', `the page ${name}.hbs cannot be compiled`, { cause });
  }
  return environment.compile(source, options);
}
