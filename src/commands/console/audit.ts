import type { Area } from '../../console/areas.ts';
import { auditArea } from '../../console/audit/area.ts';
import { listAuditChecks } from '../../tickets/audit-checks.ts';
import type { Desk } from '../desk.ts';

export const auditOf = ({ db }: Desk): Area =>
  auditArea({ db, checks: (limit) => listAuditChecks(db, limit) });
