import type { Attack } from './attack.ts';
import { AUTHORS } from './authors.ts';
import { AUTOMATIC } from './automatic.ts';
import { CONTENT } from './content.ts';
import { FORGED } from './forged.ts';
import { HONEST } from './honest.ts';
import { PATHS } from './paths.ts';
import { POISON } from './poison.ts';
import { REQUESTS } from './requests.ts';
import { ROLES } from './roles.ts';
import { SIGNATURES } from './signatures.ts';
import { THREADS } from './threads.ts';

export const ATTACKS: readonly Attack[] = [
  ...FORGED,
  ...AUTHORS,
  ...SIGNATURES,
  ...PATHS,
  ...ROLES,
  ...REQUESTS,
  ...THREADS,
  ...AUTOMATIC,
  ...CONTENT,
  ...POISON,
  ...HONEST,
];

/** Unique, and in an order that makes sense to read. */
export const fileOf = (attack: Attack): string => `${attack.id.toLowerCase()}-${attack.name}.eml`;
