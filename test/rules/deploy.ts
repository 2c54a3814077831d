/** What an image of ours must be, read from its recipe. */

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Lines that go on behind a backslash are one; comments are none. */
function instructionsOf(text: string): readonly Instruction[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ name: line.split(/\s/, 1)[0] ?? '', rest: line.replace(/^\S+\s+/, '') }));
}

const SECRET_NAME = /(PASSWORD|SECRET|TOKEN|_KEY|CREDENTIAL|(DATABASE|IMAP|SMTP)_URL)\b/i;

/**
 * Every breach of a rule, one line each.
 * @param exists - whether a path from the root of the project is there
 */
export function containerFaults(text: string, exists: (path: string) => boolean): readonly string[] {
  const all = instructionsOf(text);
  const of = (name: string) => all.filter((one) => one.name === name).map(({ rest }) => rest);
  const stages = of('FROM');
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
  const inLast = (name: string) => last.filter((one) => one.name === name).map(({ rest }) => rest);
  const faults: string[] = [];
  for (const stage of stages) {
    if (!/^[a-z]+:[0-9][\w.-]* AS [a-z]+$/.test(stage))
      faults.push(`"${stage}" is not NAME:VERSION AS stage`);
    if (/:latest\b/.test(stage)) faults.push(`"${stage}" is whatever is newest`);
  }
  const [user] = inLast('USER').slice(-1);
  if (user === undefined || !/^[1-9]\d*(:[1-9]\d*)?$/.test(user))
    faults.push('it does not end as a user by number that is not root');
  for (const name of ['ENV', 'ARG']) {
    for (const rest of of(name)) if (SECRET_NAME.test(rest)) faults.push(`${name} ${rest} names a secret`);
  }
  if (!of('RUN').some((run) => /npm ci .*--omit=dev/.test(run)))
    faults.push('nothing installs without the development dependencies');
  for (const run of of('RUN')) {
    if (/npm (install|i)\b/.test(run)) faults.push(`RUN ${run} does not go by the lock file`);
    if (/npm ci/.test(run) && !run.includes('--ignore-scripts'))
      faults.push(`RUN ${run} lets packages run scripts`);
  }
  if (of('ADD').length > 0) faults.push('ADD fetches and unpacks; COPY does not');
  for (const rest of of('COPY')) {
    if (rest.startsWith('--from=')) continue;
    for (const path of rest.split(/\s+/).slice(0, -1))
      if (!exists(path)) faults.push(`COPY of ${path}, which is not there`);
  }
  if (inLast('STOPSIGNAL')[0] !== 'SIGTERM') faults.push('STOPSIGNAL is not SIGTERM');
  if (inLast('HEALTHCHECK').length !== 1) faults.push('there is no HEALTHCHECK');
  for (const name of ['ENTRYPOINT', 'CMD']) {
    if (!inLast(name).every((rest) => rest.startsWith('[')))
      faults.push(`${name} goes through a shell, which swallows signals`);
  }
  return faults;
}
