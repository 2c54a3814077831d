/** Each attack's outcome, with what happens by itself to the tickets that exist beforehand. */

import type { Expected } from '../score.ts';
import type { Attack } from './attack.ts';
import { ATTACKS, fileOf } from './index.ts';
import type { MailAllowance, Outcome, TicketBounds } from './outcomes.ts';
import { DIRECTORY, type Group, STATES } from './world.ts';

export const expectations = (): readonly Expected[] =>
  ATTACKS.map((attack) => ({
    file: fileOf(attack),
    id: attack.id,
    what: attack.what,
    group: attack.group ?? 'fresh',
    madeAtRun: attack.madeAtRun === true,
    outcome: withTime(attack),
  }));

type Beforehand = {
  readonly reference: string;
  readonly state: string;
  readonly requester: string;
  readonly workspace: string;
};

const ticketsOf = (group: Group): readonly Beforehand[] =>
  group === 'fresh' || group === 'together' ? [] : STATES[group];

function withTime({ group = 'fresh', outcome }: Attack): Outcome {
  const tickets = ticketsOf(group);
  const untouched = tickets.filter(({ reference }) => outcome.existing[reference] === undefined);
  const goesOn = untouched.some(({ state }) => state === 'grace');
  return {
    ...outcome,
    existing: {
      ...outcome.existing,
      ...Object.fromEntries(untouched.map((ticket) => [ticket.reference, boundsInTime(ticket)])),
    },
    mails: [...outcome.mails, ...tickets.flatMap(mailsInTime)],
    rowsDeleted: goesOn ? 'any' : outcome.rowsDeleted,
  };
}

const boundsInTime = ({ state }: Beforehand): TicketBounds =>
  state === 'grace'
    ? { states: ['grace', 'purging', 'completed'], mustNotHold: ['doubtful_cancel'], verified: true }
    : { states: ['verifying', 'expired'], mustNotHold: ['doubtful_cancel'], verified: false };

function mailsInTime({ state, requester, workspace }: Beforehand): readonly MailAllowance[] {
  if (state === 'verifying') return [{ to: requester, max: 2, templates: ['verify_request', 'expired'] }];
  const members = DIRECTORY.workspaces.find(({ slug }) => slug === workspace)?.members ?? [];
  return members
    .filter(({ role }) => role !== 'member')
    .map(({ address }) => ({
      to: address,
      max: 6,
      templates: ['grace_reminder', 'owner_notice', 'purge_started', 'completed'],
    }));
}
