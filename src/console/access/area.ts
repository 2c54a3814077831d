/** Who comes in, how, and who says so. */
import type { Area } from '../areas.ts';
import type { SignInPorts } from './ports.ts';
import { reportRoutes } from './reports.ts';
import { accountRoutes } from './routes-account.ts';
import { agentsRoutes } from './routes-agents.ts';
import { providerRoutes } from './routes-provider.ts';
import { setUpRoutes } from './routes-set-up.ts';
import { signInRoutes } from './routes-sign-in.ts';
import { openAccess } from './sessions.ts';

export const accessArea =
  (ports: SignInPorts): Area =>
  async (app, site) => {
    await reportRoutes(app, site);
    const access = openAccess(ports.db, { hasSamples: ports.hasSamples });
    signInRoutes(app, site, { ...ports, access });
    if (ports.provider !== null) providerRoutes(app, site, { ...ports, provider: ports.provider });
    setUpRoutes(app, site, ports);
    accountRoutes(app, site, ports);
    agentsRoutes(app, site, ports);
  };
