/** Looks at things side by side, each bounded and by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PurgedeskError } from '../../domain/errors.ts';
import { faultCode } from '../../domain/fault.ts';
import { type Finding, problem } from './finding.ts';

/** One look at something. What it throws is a problem of what it looked at, and no other look hears of it. */
export interface Look {
  readonly check: string;
  run(signal: AbortSignal): Promise<readonly Finding[]>;
}

const LOOK_MS = 10_000;

/** Takes all looks side by side, each within its time. @returns what they found, in the order of the looks */
export async function lookAtAll(looks: readonly Look[], withinMs = LOOK_MS): Promise<readonly Finding[]> {
  return (await Promise.all(looks.map((look) => bounded(look, withinMs)))).flat();
}

async function bounded({ check, run }: Look, withinMs: number): Promise<readonly Finding[]> {
  const over = new AbortController();
  const late = sleep(withinMs, null, { signal: over.signal }).catch(() => null);
  try {
    const found = await Promise.race([run(over.signal), late]);
    if (found !== null) return found;
    const what = `Did not answer within ${Math.round(withinMs / 1_000)} seconds.`;
    return [
      problem(
        check,
        what,
        'Look whether its server is up, and whether a firewall lets this machine through.',
      ),
    ];
  } catch (error) {
    return [problemOf(check, error)];
  } finally {
    over.abort();
  }
}

/** Codes only: messages of drivers quote hosts, users and values. */
function problemOf(check: string, error: unknown): Finding {
  if (error instanceof PurgedeskError) {
    return problem(check, `${capital(error.message)} (${error.code}).`, error.remedy ?? EXPLAINED);
  }
  const code = faultCode(error);
  const { what, todo } = NETWORK[code] ?? {
    what: `It failed (${code}).`,
    todo: 'Look up the code, and read the log of that server.',
  };
  return problem(check, what, todo);
}

const EXPLAINED = 'docs/errors.md explains the code.';

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const UNREACHED = 'Look whether the server is up, and whether host and port are right.';

/** What the system says of connections, in words. */
const NETWORK: Readonly<Record<string, { readonly what: string; readonly todo: string }>> = {
  ECONNREFUSED: { what: 'Nothing listens there (ECONNREFUSED).', todo: UNREACHED },
  ENOTFOUND: {
    what: 'The name of the host is not known (ENOTFOUND).',
    todo: 'Correct the host, or look after the name service.',
  },
  EAI_AGAIN: {
    what: 'The name service does not answer (EAI_AGAIN).',
    todo: 'Look after the name service of this machine.',
  },
  ETIMEDOUT: { what: 'No answer came in time (ETIMEDOUT).', todo: UNREACHED },
  EHOSTUNREACH: { what: 'There is no way to the host (EHOSTUNREACH).', todo: UNREACHED },
  ECONNRESET: {
    what: 'The server cut the connection (ECONNRESET).',
    todo: 'Look into the log of that server.',
  },
  CERT_HAS_EXPIRED: { what: 'The certificate of the server has expired.', todo: 'Renew it.' },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    what: 'The certificate of the server is signed by nobody known.',
    todo: 'Get a proper one, or tell Node of your authority by NODE_EXTRA_CA_CERTS.',
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    what: 'The certificate of the server is signed by nobody known.',
    todo: 'Tell Node of your authority by NODE_EXTRA_CA_CERTS.',
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    what: 'The server does not show the whole chain of its certificate.',
    todo: 'Have it send the intermediate certificates too.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'The certificate of the server is for another name.',
    todo: 'Use the name that the certificate has.',
  },
};
