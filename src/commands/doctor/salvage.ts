/** A configuration that has problems, without what has them: the rest of an installation can still be looked at. */
import { type Config, type Environment, loadConfig } from '../../config.ts';
import { PurgedeskError } from '../../domain/errors.ts';

export interface Salvaged {
  /** `null` = nothing of it could be used. */
  readonly config: Config | null;
  /** A line each: `NAME: what is wrong; for example …`. Values are in none. */
  readonly problems: readonly string[];
}

/** Which settings belong together, so that one of them alone is a problem of its own. */
const GROUPS: readonly RegExp[] = [/^(IMAP|SMTP|MAIL|DESK)_/, /^OIDC_/];
const ROUNDS_MAX = 5;

export function salvageConfig(env: Environment): Salvaged {
  const first = attempt(env);
  if ('config' in first) return { config: first.config, problems: [] };
  let usable = env;
  let found: readonly string[] = first.problems;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    usable = without(usable, found);
    const next = attempt(usable);
    if ('config' in next) return { config: next.config, problems: first.problems };
    found = next.problems;
  }
  return { config: null, problems: first.problems };
}

function attempt(env: Environment): { readonly config: Config } | { readonly problems: readonly string[] } {
  try {
    return { config: loadConfig(env) };
  } catch (error) {
    if (!(error instanceof PurgedeskError)) throw error;
    return {
      problems: error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    };
  }
}

/** Leaves out each setting with a problem, what belongs to it, and the file if one is in there. */
function without(env: Environment, problems: readonly string[]): Environment {
  const names = problems.map((line) => line.slice(0, line.indexOf(':')).replace(/_FILE$/, ''));
  const groups = GROUPS.filter((group) => names.some((name) => group.test(name)));
  const isOfFile = (name: string) => !/^[A-Z][A-Z_]*$/.test(name) || name === 'PURGEDESK_CONFIG';
  const kept = Object.entries(env).filter(([key]) => {
    const name = key.replace(/_FILE$/, '');
    return !names.includes(name) && !groups.some((group) => group.test(name));
  });
  const inFile = names.some(isOfFile);
  return { ...Object.fromEntries(kept), ...(inFile ? { PURGEDESK_CONFIG: NOTHING } : {}) };
}

/** A file that is there and empty. */
const NOTHING = process.platform === 'win32' ? 'NUL' : '/dev/null';
