/** An agent corrects what a customer asked for. Nothing is believed by it: the customer confirms what comes of it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DeletionRequest, SCOPES, type Scope } from '../../domain/request.ts';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import { STATE_WORDS, scopeWords } from '../ticket/state-words.ts';
import { isCorrectable, NEEDED } from './acts.ts';
import {
  type Choice,
  choicesFor,
  type Errors,
  requestOf,
  scopeIn,
  type Values,
  valuesIn,
  valuesOf,
} from './correct-form.ts';
import { correctionInWords, requestLines } from './correct-words.ts';
import { type ActionFacts, type Asked, readActionFacts, readAsked } from './facts.ts';
import { fieldIn, REASON_LENGTH_MAX, type Typed, ticketOfPath, wordsIn } from './form.ts';
import type { ActionPorts, Done } from './ports.ts';
import type { Notice } from './sight.ts';

interface CorrectView {
  readonly page: { readonly title: string };
  readonly reference: string;
  readonly state: { readonly label: string; readonly tone: string };
  readonly asked: string;
  readonly lines: ReturnType<typeof requestLines>;
  readonly notices: readonly Notice[];
  readonly isOpen: boolean;
  readonly canCancel: boolean;
  readonly consequence: string;
  readonly scopes: readonly Option[];
  readonly seen: string;
  readonly scope: Scope;
  readonly choice: ChoiceView | null;
  readonly workspace: FreeView | null;
  readonly users: Typed | null;
  readonly clauses: ClausesView | null;
  readonly days: DaysView | null;
  readonly reason: Typed;
}

interface Option {
  readonly value: string;
  readonly label: string;
  readonly isChosen: boolean;
}

interface ChoiceView {
  readonly label: string;
  readonly options: readonly Option[];
  readonly error: string | null;
}

interface FreeView extends Typed {
  readonly isId: boolean;
}

interface ClausesView {
  readonly rows: readonly {
    readonly no: number;
    readonly shown: number;
    readonly name: string;
    readonly of: string;
    readonly kinds: readonly Option[];
  }[];
  readonly error: string | null;
}

interface DaysView {
  readonly from: string;
  readonly to: string;
  readonly allTime: boolean;
  readonly error: string | null;
}

const CORRECT = page<CorrectView>('actions/correct');
const PATH = '/tickets/:reference/correct';
/** Bytes: thousands of users, one a line. */
const BODY_LIMIT = 2_097_152;

export function correctRoutes(app: FastifyInstance, site: Site, ports: ActionPorts): void {
  const config = { access: NEEDED.correct };
  app.get(PATH, { config }, async (request, reply) => {
    const found = await caseOf(ports, request);
    if (found === null) return site.hide(request, reply);
    const { asked } = found;
    const scope = scopeIn(request.query) ?? asked.request.scope;
    const choices = choicesFor(scope, found.workspaces);
    return show(site, ports, found, request, reply, {
      values: valuesOf(asked.request, scope, choices),
      choices,
    });
  });
  app.post(PATH, { config, bodyLimit: BODY_LIMIT }, async (request, reply) => {
    const found = await caseOf(ports, request);
    if (found === null || request.agent === null) return site.hide(request, reply);
    return correct(site, ports, found, request.agent.name, request, reply);
  });
}

interface Case {
  readonly facts: ActionFacts;
  readonly asked: Asked;
  readonly workspaces: Awaited<ReturnType<ActionPorts['workspacesOf']>>;
}

async function caseOf(ports: ActionPorts, request: FastifyRequest): Promise<Case | null> {
  const id = ticketOfPath(request.params);
  const facts = id === null ? null : await readActionFacts(ports.db, id);
  const asked = id === null ? null : await readAsked(ports.db, id);
  if (facts === null || asked === null) return null;
  const workspaces = facts.requester === null ? [] : await ports.workspacesOf(facts.requester);
  return { facts, asked, workspaces };
}

async function correct(
  site: Site,
  ports: ActionPorts,
  found: Case,
  agent: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { facts, asked, workspaces } = found;
  const home = `${site.base}/tickets/${facts.reference}`;
  const scope = scopeIn(request.body) ?? asked.request.scope;
  const choices = choicesFor(scope, workspaces);
  const values = valuesIn(request.body, scope);
  const read = requestOf(values, choices, workspaces.length === 0);
  const reason = wordsIn(request.body, 'reason', REASON_LENGTH_MAX);
  const seen = fieldIn(request.body, 'seen').slice(0, 64);
  const tried = { values, choices, errors: read.errors, reason, seen };
  if (!isCorrectable(facts) || Object.keys(read.errors).length > 0 || reason.error !== null)
    return show(site, ports, found, request, reply, tried, 422);
  const words = correctionInWords(asked.request, read.request, reason.value);
  const order = { ticketId: facts.id, agent, reason: reason.value, request: read.request, seen, words };
  const done = await ports.correct(order);
  if (done.kind === 'done') return reply.redirect(home, 303);
  const now = await caseOf(ports, request);
  if (done.kind === 'gone' || now === null) return site.hide(request, reply);
  // What the first press did is not refused to the second.
  const { lastEvent } = now.facts;
  if (done.code === 'no_change' && lastEvent?.type === 'corrected' && lastEvent.actor === `agent:${agent}`)
    return reply.redirect(home, 303);
  const problem = problemOf(done, now);
  // Whoever was told that it has changed may send theirs once more.
  const next = done.code === 'scope_changed' ? ports.digestOf(now.asked.request) : seen;
  return show(site, ports, now, request, reply, { ...tried, seen: next, problem }, 422);
}

function problemOf(done: Extract<Done, { readonly kind: 'refused' }>, { facts }: Case): string {
  switch (done.code) {
    case 'not_entitled':
      return `The directory does not let ${facts.requester ?? 'the requester'} ask for that. Nothing was changed.`;
    case 'incomplete':
      return 'Something is missing, unknown or ambiguous in the directory. Nothing was changed.';
    case 'no_change':
      return 'This is what the request says already. Nothing was changed.';
    case 'scope_changed':
      return 'The request has changed since you opened this page. Nothing was overwritten; please look at it again.';
    default:
      return `${facts.reference} does not take this: ${done.why}. Nothing was changed.`;
  }
}

interface Shown {
  readonly values: Values;
  readonly choices: readonly Choice[];
  readonly errors?: Errors;
  readonly reason?: Typed;
  readonly problem?: string;
  /** Digest of the request that the agent had before them; that of the request as it is now, if left out. */
  readonly seen?: string;
}

function show(
  site: Site,
  ports: ActionPorts,
  { facts, asked, workspaces }: Case,
  request: FastifyRequest,
  reply: FastifyReply,
  { values, choices, errors = {}, reason = { value: '', error: null }, problem, seen }: Shown,
  status = 200,
): FastifyReply {
  const { scope } = values;
  const isFree = workspaces.length === 0;
  const isOpen = isCorrectable(facts);
  return site.show(
    request,
    reply,
    CORRECT,
    {
      page: { title: `Correct the request · ${facts.reference}` },
      reference: facts.reference,
      state: STATE_WORDS[facts.state],
      asked: askedBy(asked.request, facts.requester),
      lines: requestLines(asked.request),
      notices: [
        ...(problem === undefined ? [] : [{ tone: 'risk' as const, text: problem }]),
        ...noticesFor(facts, isOpen, isFree),
      ],
      isOpen,
      canCancel: facts.state === 'grace',
      consequence: consequenceOf(facts),
      scopes: SCOPES.map((value) => ({ value, label: scopeWords(value), isChosen: value === scope })),
      seen: seen ?? ports.digestOf(asked.request),
      scope,
      choice: scope === 'account' || isFree ? null : choiceView(scope, choices, values, errors),
      workspace:
        scope !== 'account' && isFree
          ? { value: values.workspace, error: errors.workspace ?? null, isId: values.isId }
          : null,
      users: scope === 'user' ? { value: values.users, error: errors.users ?? null } : null,
      clauses: scope === 'events' ? clausesView(values, errors) : null,
      days:
        scope === 'source' || scope === 'events'
          ? { from: values.from, to: values.to, allTime: values.allTime, error: errors.days ?? null }
          : null,
      reason,
    },
    status,
  );
}

const askedBy = (request: DeletionRequest, requester: string | null): string =>
  `${requester ?? 'Somebody'} asked for ${scopeWords(request.scope)}.`;

function consequenceOf({ state, verifiedAt }: ActionFacts): string {
  if (state === 'received') return 'It is kept, and judged when somebody lets the mail pass.';
  if (state === 'needs_details')
    return 'If nothing is missing any more, the customer gets a code for exactly this at the address in the directory.';
  return verifiedAt === null
    ? 'The code that the customer has stops working, and they get a new one for exactly this.'
    : 'What the customer confirmed was something else: they get a new code for exactly this, and approvals begin anew.';
}

function noticesFor(facts: ActionFacts, isOpen: boolean, isFree: boolean): readonly Notice[] {
  if (isOpen)
    return isFree
      ? [{ tone: 'wait', text: 'The directory knows nothing that the requester is in charge of.' }]
      : [];
  if (facts.state === 'grace' || facts.state === 'purging')
    return [
      {
        tone: 'wait',
        text: `Everybody was told what is deleted, so that it stays what it is. ${
          facts.state === 'grace'
            ? 'If it is wrong, cancel it, and ask the customer to write again: that opens a new ticket.'
            : ''
        }`,
      },
    ];
  if (facts.origin === 'app')
    return [{ tone: 'wait', text: 'The app reported this deletion. What it names is corrected in the app.' }];
  if (facts.vouchedBy !== null)
    return [{ tone: 'wait', text: 'Agents vouched for exactly this. If it is wrong, reject it.' }];
  return [{ tone: 'wait', text: 'It is closed; nothing of it changes any more.' }];
}

const LABELS: Readonly<Record<Scope, string>> = {
  workspace: 'Workspace',
  account: 'Account',
  source: 'Source',
  space: 'Unify space',
  user: 'Workspace of the users',
  events: 'Project',
};

const choiceView = (
  scope: Scope,
  choices: readonly Choice[],
  values: Values,
  errors: Errors,
): ChoiceView => ({
  label: LABELS[scope],
  options: choices.map(({ value, label }) => ({ value, label, isChosen: value === values.choice })),
  error: errors.choice ?? null,
});

const KINDS = [
  ['event', 'event'],
  ['event_property', 'property of an event'],
  ['user_property', 'property of users'],
] as const;

const clausesView = ({ clauses }: Values, errors: Errors): ClausesView => ({
  rows: clauses.map(({ kind, name, of }, no) => ({
    no,
    shown: no + 1,
    name,
    of,
    kinds: KINDS.map(([value, label]) => ({ value, label, isChosen: value === kind })),
  })),
  error: errors.clauses ?? null,
});
