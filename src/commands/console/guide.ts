import type { Overview } from '../../console/ports.ts';
import type { SamplePerson } from '../../console/sandbox/ports.ts';
import type { TicketLine } from '../../tickets/queries.ts';

/**
 * The journey of a deletion in five steps, each done once any ticket is through with it. Without a person to go to, the
 * next thing to do is to let time pass.
 */
export function guideOf({
  lines,
  cast,
  isToldDone,
}: {
  readonly lines: readonly TicketLine[];
  readonly cast: readonly SamplePerson[];
  /** The mail that tells of an end was sent. */
  readonly isToldDone: boolean;
}): Overview['guide'] {
  const is = (...states: readonly TicketLine['state'][]) =>
    lines.filter(({ state }) => states.includes(state));
  const keyOf = (line: TicketLine | undefined) =>
    cast.find(({ address }) => address === line?.requester)?.key ?? null;
  const [waiting] = is('verifying');
  const [done] = is('completed');
  return [
    {
      title: 'Ask for a deletion',
      lead: 'Write to the desk as one of the customers. It reads the mail, checks who sent it, and opens a ticket.',
      isDone: lines.length > 0,
      person: 'ada',
    },
    {
      title: 'Confirm with the code',
      lead: 'A mail proves little, so the desk sends a code to the address in the directory. Answer with it, or type it on the page behind the link.',
      isDone: is('approval', 'grace', 'purging', 'completed').length > 0,
      person: keyOf(waiting) ?? 'ada',
    },
    {
      title: 'Let the waiting time pass',
      lead: 'For five full days nothing is deleted, every owner and admin is told, and any of them can cancel. Here you can move the clock.',
      isDone: is('purging', 'completed').length > 0,
      person: null,
    },
    {
      title: 'Watch the data go',
      lead: 'The desk deletes store by store, in small batches, and then counts what is left. It takes a few seconds.',
      isDone: done !== undefined,
      person: null,
    },
    {
      title: 'Hold the proof',
      lead: 'The last mail brings a signed receipt and a certificate. The page behind its link has them too.',
      isDone: isToldDone,
      person: keyOf(done) ?? 'ada',
    },
  ];
}
