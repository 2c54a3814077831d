import { accessArea } from '../../console/access/area.ts';
import type { Area } from '../../console/areas.ts';
import type { Desk } from '../desk.ts';

export const access = ({ db, environment }: Desk): Area =>
  accessArea({
    db,
    key: environment.key,
    deskName: environment.desk.name,
    hasSamples: environment.isAllSandbox,
    provider:
      environment.provider == null
        ? null
        : { ...environment.provider, clientSecret: environment.provider.clientSecret.reveal() },
  });
