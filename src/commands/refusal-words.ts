import type { Refusal } from '../tickets/outcome.ts';

/** Why a ticket does not take an act, for agents. */
export const REFUSALS: Readonly<Record<Refusal, string>> = {
  wrong_state: 'it makes no sense in the state that the ticket is in',
  scope_changed: 'what is to be deleted has changed since',
  already_verified: 'it is verified already',
  plan_changed: 'there is no plan with that hash to approve',
  held: 'a hold stands in the way',
  no_change: 'nothing would change',
  too_early: 'the time has not come',
  same_agent: 'you have approved this plan; it takes a second agent',
  own_work: 'you corrected the request or vouched for it; somebody else has to approve it',
  not_entitled: 'the requester may not ask for that',
  incomplete: 'something is missing or unknown in the directory',
  grace_begun:
    'its waiting time has begun; what is deleted stays what it is. Cancel it, and ask for a new request',
  not_ownerless:
    'the directory knows somebody in charge, or no such deleted workspace: nobody can vouch for it',
  corrected_before:
    'an agent corrected what it asks for, so that nobody can vouch for it. Reject it, and ask for a new request',
};
