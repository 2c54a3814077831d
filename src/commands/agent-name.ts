import { readAgentName } from '../domain/agents.ts';
import { PurgedeskError } from '../domain/errors.ts';

/** The name of `--as`, as it is kept. @throws PurgedeskError PD_USAGE */
export function agentNamed(text: string): string {
  const name = readAgentName(text);
  if (name !== null) return name;
  throw new PurgedeskError(
    'PD_USAGE',
    '--as takes a name of letters, digits, spaces and . _ @ -, 80 at most, other than “desk”',
  );
}
