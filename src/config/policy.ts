import { z } from 'zod';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import { SCOPES } from '../domain/request.ts';
import type { Problem } from './problem.ts';
import { integer, words } from './values.ts';

/** What an operator may change of the policy, and how far. Nothing here, or anywhere, can shorten the grace. */
export const POLICY_SCHEMA = z
  .strictObject({
    roles: z.partialRecord(
      z.enum(SCOPES),
      z.array(z.enum(['owner', 'admin'], 'is not owner or admin')).min(1, 'names no role; nobody could ask'),
    ),
    finalScopes: z.array(z.enum(SCOPES, `is not one of ${SCOPES.join(', ')}`)),
    review: z.enum(['exceptions', 'all'], 'is not exceptions or all'),
    approvals: z.union([z.literal(1), z.literal(2)], 'is not 1 or 2'),
    suppressDeletedUsers: z.boolean('is not true or false'),
    ticketCap: integer(1, Number.MAX_SAFE_INTEGER),
    dayCap: integer(1, Number.MAX_SAFE_INTEGER),
    residue: z.array(
      z
        .strictObject({
          category: z.enum(
            ['backups', 'finance', 'security', 'other'],
            'is not backups, finance, security or other',
          ),
          what: words(200),
          why: words(500),
          legalBasis: words(120).nullable().default(null),
          retentionDays: integer(1, 36_500).nullable().default(null),
          rollingDays: integer(1, 3650).nullable().default(null),
        })
        .refine(({ retentionDays, rollingDays }) => retentionDays === null || rollingDays === null, {
          path: ['rollingDays'],
          error: 'is given beside retentionDays; one of them says when the last of it is gone',
        }),
    ),
    challengeHours: integer(1, 72),
    challengeTries: integer(1, 5),
    challengeReminderHours: integer(1, 71),
    detailsDays: integer(1, 90),
    graceReminderHours: integer(1, 119),
    deadlineDays: integer(7, 30),
    contextRetentionDays: integer(1, 3650),
    rawRetentionDays: integer(1, 3650),
    repliesAnHour: integer(1, 100_000),
    repliesADomain: integer(1, 100_000),
    repliesAThread: integer(1, 100),
  })
  .partial();

export function policyProblems(given: z.output<typeof POLICY_SCHEMA>): readonly Problem[] {
  const policy = mergePolicy(given);
  const problems: Problem[] = [];
  if (policy.challengeReminderHours >= policy.challengeHours) {
    problems.push({
      name: 'policy.challengeReminderHours',
      what: 'is not before the end of challengeHours',
      example: 'challengeReminderHours: 24',
    });
  }
  if (policy.ticketCap > policy.dayCap) {
    problems.push({ name: 'policy.ticketCap', what: 'is above dayCap', example: 'ticketCap: 100000' });
  }
  return problems;
}

export function mergePolicy(given: z.output<typeof POLICY_SCHEMA>): Policy {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...DEFAULT_POLICY, ...set, roles: { ...DEFAULT_POLICY.roles, ...given.roles } } as Policy;
}
