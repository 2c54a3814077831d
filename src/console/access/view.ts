import type { Agent, AgentRefusal } from './agents.ts';
import { AGENT_ACTS, type AgentEvent } from './events.ts';
import type { OwnSession } from './sessions.ts';
import type { Enrolment } from './totp.ts';

interface Titled {
  readonly page: { readonly title: string };
}

export interface SignInView extends Titled {
  readonly action: string;
  readonly next: string;
  /** The same as part of a query. */
  readonly nextEncoded: string;
  readonly name: string;
  readonly problem: string | null;
  /** Whom a newcomer to the sandbox can come in as. */
  readonly samples: readonly { readonly name: string; readonly role: string; readonly what: string }[] | null;
  /** With whom agents may sign in, by its host; `null` = with nobody. */
  readonly provider: string | null;
}

export interface SetUpView extends Titled {
  readonly action: string;
  readonly name: string;
  readonly passwordProblem: string | null;
  readonly codeProblem: string | null;
  readonly enrolment: Enrolment;
}

export interface CodesView extends Titled {
  readonly heading: string;
  readonly codes: readonly string[];
  readonly href: string;
}

export interface WordsView extends Titled {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly href: string | null;
  readonly label: string;
}

export interface AccountView extends Titled {
  readonly done: string | null;
  readonly name: string;
  readonly role: string;
  readonly roleWords: string;
  readonly hasPassword: boolean;
  readonly codesLeft: number;
  readonly isShortOfCodes: boolean;
  readonly oldProblem: string | null;
  readonly newProblem: string | null;
  readonly sessions: readonly {
    readonly id: number;
    readonly browser: string;
    readonly startedAt: string;
    readonly seenAt: string;
    readonly isThis: boolean;
  }[];
}

export interface RenewView extends Titled {
  readonly enrolment: Enrolment;
  readonly oldProblem: string | null;
  readonly codeProblem: string | null;
}

export interface AgentsView extends Titled {
  readonly problem: string | null;
  readonly done: string | null;
  /** Shown once, to be handed to the agent. */
  readonly link: { readonly href: string; readonly name: string } | null;
  readonly added: { readonly name: string; readonly email: string };
  readonly roles: readonly { readonly role: string; readonly what: string; readonly isChosen: boolean }[];
  readonly agents: readonly AgentLine[];
  readonly events: readonly {
    readonly at: string;
    readonly actor: string;
    readonly agent: string;
    readonly what: string;
    readonly detail: string | null;
  }[];
}

interface AgentLine {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly isDisabled: boolean;
  readonly isSample: boolean;
  /** How they come in, in words. */
  readonly way: string;
  readonly seenAt: string | null;
  readonly isOneself: boolean;
}

export interface ChangeView extends Titled {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly isDisabled: boolean;
  readonly problem: string | null;
  readonly roles: readonly { readonly role: string; readonly what: string; readonly isChosen: boolean }[];
}

/** What each role is for. */
export const ROLE_WORDS = {
  viewer: 'sees everything and changes nothing',
  agent: 'works on requests: corrects, answers, holds and cancels',
  approver: 'also approves deletions',
  admin: 'also says who works here',
} as const;

export const agentLine = (agent: Agent, self: number): AgentLine => ({
  id: agent.id,
  name: agent.name,
  email: agent.email ?? '',
  role: agent.role,
  isDisabled: agent.disabledAt !== null,
  isSample: agent.isSample,
  way: wayOf(agent),
  seenAt: agent.seenAt?.toISOString() ?? null,
  isOneself: agent.id === self,
});

function wayOf(agent: Agent): string {
  if (agent.isSample) return 'sample of the sandbox';
  const ways = [
    agent.hasPassword ? 'password and code' : '',
    agent.hasSubject ? 'sign-in provider' : '',
    agent.hasLink ? 'link not used yet' : '',
  ].filter((way) => way !== '');
  return ways.length === 0 ? 'none: needs a new link' : ways.join(', ');
}

export const eventLine = (event: AgentEvent): AgentsView['events'][number] => ({
  at: event.at.toISOString(),
  actor: event.actor,
  agent: event.agent,
  what: AGENT_ACTS[event.what] ?? event.what,
  detail: event.detail,
});

export const sessionLine = (session: OwnSession): AccountView['sessions'][number] => ({
  id: session.id,
  browser: session.browser === '' ? 'Unknown browser' : session.browser,
  startedAt: session.startedAt.toISOString(),
  seenAt: session.seenAt.toISOString(),
  isThis: session.isThis,
});

export const REFUSALS: Readonly<Record<AgentRefusal, string>> = {
  name_taken:
    'There is an agent with this name, or with one that looks like it. Please add something that tells them apart.',
  email_taken: 'Another agent has this e-mail address.',
  no_such_agent: 'There is no such agent.',
  oneself: 'Nobody changes their own role or access: another admin can.',
  last_admin: 'This is the last admin. Make somebody else an admin first.',
  sample: 'The sample agents of the sandbox stay as they are.',
  no_admin_any_more: 'You are no admin any more.',
};
