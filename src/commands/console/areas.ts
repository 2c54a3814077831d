/** The parts of the web, each joined with what it needs of the other stages. */
import type { Area } from '../../console/areas.ts';
import { queueArea } from '../../console/queue/area.ts';
import type { Desk } from '../desk.ts';

export const consoleAreas = (_desk: Desk): readonly Area[] => [queueArea()];
