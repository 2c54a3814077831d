/** What the page of each act says. */
import { randomUUID } from 'node:crypto';
import { isClosed } from '../ticket/state-words.ts';
import { isHeldByPerson } from './acts.ts';
import { approveWords } from './approve-words.ts';
import type { ActionFacts } from './facts.ts';
import { NOTE_LENGTH_MAX } from './form.ts';
import { whoPlaced } from './panel.ts';
import { releaseWords } from './release-words.ts';
import type { PlainAct, Sight, Words } from './sight.ts';

/** What the page of one act says, by the act. */
export const WORDS: Readonly<Record<PlainAct, (sight: Sight) => Words>> = {
  approve: (sight) => approveWords(sight),
  release: (sight) => releaseWords(sight),
  hold: ({ facts }) => ({
    title: 'Put on hold',
    consequences: [
      ...(facts.holds.some(({ reason }) => reason === 'agent')
        ? [`The hold of ${whoHolds(facts)} becomes yours, and the program can no longer release it.`]
        : []),
      'It takes no further step until somebody releases it. Nothing is deleted meanwhile.',
      'Mails, codes and cancels go on as ever, and the customer is not told.',
    ],
    button: 'Put on hold',
    instead: open(facts) ?? (isHeldByPerson(facts) ? `${whoHolds(facts)} keeps it on hold already.` : null),
  }),
  note: ({ facts }) => ({
    title: 'Write a note',
    consequences: ['It stands in the timeline for other agents. The customer never sees it.'],
    label: 'Note',
    hint: `Plain text, ${NOTE_LENGTH_MAX.toLocaleString('en')} characters at most. It is erased with the rest of what the desk knows.`,
    isTall: true,
    hidden: [{ name: 'form', value: randomUUID() }],
    button: 'Save the note',
    instead: facts.isErased
      ? 'What the desk knew of it was erased, so that nothing is written to it any more.'
      : null,
  }),
  cancel: ({ facts }) => ({
    title: 'Cancel the request',
    consequences: [
      'Nothing is deleted.',
      'Everyone who was told of the deletion is told that it will not happen.',
      CLOSING,
    ],
    button: 'Cancel the request',
    isTyped: true,
    isDangerous: true,
    instead: notClosable(facts),
  }),
  reject: ({ facts }) => ({
    title: 'Reject the request',
    consequences: [
      'Nothing is deleted.',
      'The customer is told that we do not carry it out, without the reason below.',
      CLOSING,
    ],
    button: 'Reject the request',
    isTyped: true,
    isDangerous: true,
    instead: notClosable(facts),
  }),
  vouch: ({ facts, lines, seen }) => ({
    title: 'Vouch for the requester',
    hidden: [{ name: 'seen', value: seen }],
    consequences: [
      `What they ask for, in their words: ${lines.map(({ label, value }) => `${label}: ${value}`).join('; ')}.`,
      'You say that this person may ask for it, although the directory knows nobody in charge.',
      'Nothing is verified by that: the plan is made, and two different agents have to approve it.',
    ],
    hint: 'What proves it: a contract, an invoice, a call back. The agents who approve decide by it.',
    button: 'Vouch for them',
    isTyped: true,
    isDangerous: true,
    instead:
      facts.state === 'received' && facts.verdict === 'ownerless'
        ? facts.correctedBy.length === 0
          ? null
          : 'An agent corrected what it asks for, so that nobody can vouch for it. Reject it, and ask for a new request.'
        : 'Agents vouch only for requests about a deleted workspace of which the directory knows nobody in charge.',
  }),
  residue: ({ facts }) => ({
    title: 'Accept what stays',
    consequences: [
      'The place is asked once more what it keeps. The purge goes on without exactly that.',
      'The customer is told what stays, why, and until when. The receipt lists it.',
    ],
    notices: facts.holds
      .filter(({ reason }) => reason === 'residue')
      .map(({ note }) => ({ tone: 'wait' as const, text: note })),
    button: 'Accept that it stays',
    isTyped: true,
    isDangerous: true,
    instead: facts.holds.some(({ reason }) => reason === 'residue')
      ? null
      : 'No step of it waits because of something that stays.',
  }),
  retry: ({ facts: { step, brake } }) => ({
    title: 'Try the store again now',
    consequences: [
      'The store is tried at once instead of at the end of its pause, for this and all other purges that wait for it.',
      'If it fails again, the next pause begins.',
    ],
    hint: 'What has changed, if you know.',
    button: 'Try it now',
    hidden: step === null ? [] : [{ name: 'store', value: step.store }],
    instead:
      step === null || brake === null
        ? 'No store keeps it waiting any more.'
        : brake.setBy !== null
          ? `${brake.setBy} braked the store ${step.store} by hand. Operations has the switch.`
          : null,
  }),
};

const CLOSING = 'It is closed for good. For a deletion the customer has to ask again.';

function notClosable(facts: ActionFacts): string | null {
  if (facts.state === 'purging')
    return 'It is being deleted, which cannot be undone. Put it on hold to stop the next step.';
  return open(facts);
}

const whoHolds = (facts: ActionFacts): string => {
  const hold = facts.holds.find(({ reason }) => reason === 'agent');
  return hold === undefined ? 'Somebody' : whoPlaced(hold);
};

const open = (facts: ActionFacts): string | null =>
  isClosed(facts.state) ? 'It is closed already; nothing more can be done with it.' : null;
