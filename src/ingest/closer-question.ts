import type { Answers, Questions, WorkspaceSaid } from '../domain/mail.ts';

/** Something that is asked about a mail later, when there is a use for it. Plain data: it crosses threads. */
export type CloserQuestion =
  | { readonly kind: 'corrects' }
  | { readonly kind: 'workspace' }
  | { readonly kind: 'answers'; readonly questions: readonly Questions[]; readonly language: string };

export type CloserAnswer<Q extends CloserQuestion> = {
  corrects: boolean;
  workspace: WorkspaceSaid;
  answers: Answers | null;
}[Q['kind']];

/** The answer that leads to nothing but a question. */
export function saysNothing<Q extends CloserQuestion>(question: Q): CloserAnswer<Q> {
  const nothing = { corrects: false, workspace: { kind: 'unclear' }, answers: null } as const;
  return nothing[question.kind] as CloserAnswer<Q>;
}
