import type { Area } from '../../console/areas.ts';
import { insightArea } from '../../console/insight/area.ts';
import type { Desk } from '../desk.ts';

export const insightOf = (desk: Desk): Area => insightArea({ db: desk.db, now: desk.now });
