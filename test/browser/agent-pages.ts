import { PARAMETERS, ROUTES } from '../console/route-table.ts';

/**
 * Every page for agents, on a desk whose first ticket is PD-1001. What is downloaded, and what stands in a sandboxed
 * frame, is none.
 */
export const agentPages = (): readonly string[] =>
  ROUTES.filter(
    ({ method, access, stream }) =>
      method === 'GET' && access !== 'public' && access !== 'token' && stream === undefined,
  )
    .map(({ path, example }) => example ?? path.replace(/:[a-zA-Z]+/g, (name) => PARAMETERS[name] ?? name))
    .filter((path) => !/(\/html|\/raw|\/attachments\/\d+|[./](csv|json|pdf|eml))(\/\w+)?$/.test(path));
