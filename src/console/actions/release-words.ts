/** What the page says on which a hold is released. */
import { instantInWords } from '../../domain/words.ts';
import { holdLabel, isAmong, neededToRelease } from './acts.ts';
import type { ActionFacts, HoldFact } from './facts.ts';
import { whoPlaced } from './panel.ts';
import type { Sight, Words } from './sight.ts';

export function releaseWords({ facts, hold, agent, approvals }: Sight): Words {
  const title = hold === null ? 'Release a hold' : `Release: ${holdLabel(hold.reason).toLowerCase()}`;
  const button = 'Release it';
  if (hold === null)
    return {
      title,
      button,
      consequences: [],
      instead: 'There is no such hold any more; somebody was faster.',
    };
  const two = takesTwo(facts, hold, approvals);
  const isShort = neededToRelease(facts, hold.reason) !== 'agent';
  return {
    title,
    consequences: [
      two && facts.liftedBy.length === 0
        ? 'A second, different agent has to release it too.'
        : outcomeOf(facts, hold),
    ],
    notices: [
      ...(hold.note === '' ? [] : [{ tone: 'wait' as const, text: `${whoPlaced(hold)}: ${hold.note}` }]),
      ...(facts.liftedBy.length > 0 && hold.reason === 'review'
        ? [
            {
              tone: 'info' as const,
              text: `${facts.liftedBy.join(', ')} would release it; it takes one more.`,
            },
          ]
        : []),
    ],
    button,
    isTyped: isShort,
    hidden: [
      { name: 'hold', value: hold.reason },
      { name: 'seen', value: String(hold.id) },
    ],
    instead: two ? whyNotLift(facts, agent) : null,
  };
}

/** The same rule as that of the ticket. */
const takesTwo = ({ state }: ActionFacts, { reason }: HoldFact, approvals: 1 | 2): boolean =>
  reason === 'review' && approvals > 1 && (state === 'grace' || state === 'purging');

function whyNotLift(facts: ActionFacts, agent: string): string | null {
  if (isAmong(facts.liftedBy, agent))
    return 'You would release it already. Somebody else has to look at it too.';
  if (isAmong(facts.correctedBy, agent) || (facts.vouchedBy !== null && isAmong([facts.vouchedBy], agent)))
    return 'You corrected the request or vouched for it, so somebody else has to release it.';
  return null;
}

/** What happens once this hold is gone. */
function outcomeOf(facts: ActionFacts, hold: HoldFact): string {
  if (facts.holds.length > 1) return 'The other holds stay; it goes on when the last one is released.';
  switch (facts.state) {
    case 'received':
      return facts.origin === 'app'
        ? 'It is looked at again by the rules of the directory.'
        : 'It is judged by the directory. If the requester may ask for it, the code goes to the address in the directory, never to the address in the mail.';
    case 'verifying':
      if (facts.verifiedAt !== null)
        return 'It goes on: the plan is approved, or the waiting time starts in full.';
      return hold.reason === 'review'
        ? 'The customer gets a new code at the address in the directory.'
        : 'It goes on waiting for the code.';
    case 'approval':
      return 'The plan can be approved.';
    case 'grace':
      return facts.startsAt === null
        ? 'The waiting time goes on.'
        : `It is deleted from ${instantInWords(facts.startsAt)}; if that is past, everyone is told and 24 more hours go by.`;
    case 'purging':
      return hold.reason === 'step_failed'
        ? 'The step is tried again from where it stopped.'
        : 'The purge goes on where it stopped.';
    default:
      return 'The hold is gone; nothing else happens.';
  }
}
