import { z } from 'zod';
import { PurgedeskError } from '../domain/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing that is wrong. Says what, never the value. */
export interface Problem {
  /** A setting's name or a path in purgedesk.yaml. */
  readonly name: string;
  readonly what: string;
  readonly example?: string;
}

export function configInvalid(problems: readonly Problem[]): PurgedeskError {
  const lines = problems.map(({ name, what, example }) =>
    example === undefined ? `  ${name}: ${what}` : `  ${name}: ${what}; for example ${example}`,
  );
  return new PurgedeskError('PD_CONFIG_INVALID', `the configuration has problems:\n${lines.join('\n')}`, {
    details: { problems: problems.length },
    remedy: 'docs/configuration.md describes every setting',
  });
}

/** A schema out of a parser that throws `BadValue`. */
export function reading<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

/** Says what is wrong with a value without quoting it. */
class BadValue extends Error {}

export function refuse(what: string): never {
  throw new BadValue(what);
}

export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
