import { isSessionOpen } from '../../console/access/sessions.ts';
import type { Area } from '../../console/areas.ts';
import { liveArea } from '../../console/live/area.ts';
import type { Desk } from '../desk.ts';

export const liveOf = ({ db }: Desk): Area =>
  liveArea(db, { isSignedIn: (token) => isSessionOpen(db, token) });
