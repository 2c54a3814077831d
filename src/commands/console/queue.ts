import type { Area } from '../../console/areas.ts';
import { queueArea } from '../../console/queue/area.ts';
import { assign } from '../../tickets/assign.ts';
import type { Desk } from '../desk.ts';
import { targetInEnglish } from '../what-words.ts';

export const queueOf = ({ db }: Desk): Area =>
  queueArea({ db, sentence: targetInEnglish, assign: (order) => assign(db, order) });
