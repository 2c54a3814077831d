/** What the page says on which a plan is approved. */
import { approvalsFor, countedApprovals, holdLabel, mostUrgent, whyNotApprove } from './acts.ts';
import type { ActionFacts } from './facts.ts';
import type { Notice, Sight, Words } from './sight.ts';

export function approveWords({ facts, agent, approvals }: Sight): Words {
  const wanted = approvalsFor(facts, approvals);
  const isLast = countedApprovals(facts, approvals).length + 1 >= wanted;
  return {
    title: 'Approve the plan',
    consequences: [
      isLast
        ? 'The waiting time of the customer starts now. At its end exactly this plan is carried out, and no other.'
        : 'A second, different agent has to approve it too. Then the waiting time starts.',
      'Until then anyone in charge of it can cancel.',
    ],
    notices: approvalNotices(facts),
    button: 'Approve this plan',
    isTyped: true,
    hidden: facts.planHash === null ? [] : [{ name: 'plan', value: facts.planHash }],
    instead: notApprovable(facts) ?? whyNotApprove(facts, agent, approvals),
  };
}

function approvalNotices(facts: ActionFacts): readonly Notice[] {
  const notices: Notice[] = [];
  if (facts.vouchedBy !== null)
    notices.push({
      tone: 'risk',
      text: `The directory knows nobody in charge. ${facts.vouchedBy} vouched for the requester; nobody else will hear of it.`,
    });
  if (facts.isOverCap) notices.push({ tone: 'wait', text: 'It deletes more than the cap allows.' });
  if (facts.correctedBy.length > 0)
    notices.push({
      tone: 'info',
      text: `${facts.correctedBy.join(', ')} corrected the request; the customer confirmed it as it is now.`,
    });
  return notices;
}

function notApprovable(facts: ActionFacts): string | null {
  if (facts.state !== 'approval') return 'It does not wait for an approval.';
  if (facts.planHash === null)
    return 'The plan is being rehearsed. It can be approved as soon as that is done.';
  const hold = mostUrgent(facts.holds);
  return hold === null
    ? null
    : `It is on hold (${holdLabel(hold.reason).toLowerCase()}). Release that first.`;
}
