import type { Command } from 'commander';
import {
  type AgentChange,
  type AgentOrder,
  addAgent,
  changeAgent,
  findAgent,
  listAgents,
} from '../console/access/agents.ts';
import { LINK_HOURS } from '../console/access/links.ts';
import { agentLine, REFUSALS, ROLE_WORDS } from '../console/access/view.ts';
import { AGENT_ROLES, type AgentRole, readAgentName } from '../domain/agents.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { agentNamed } from './agent-name.ts';
import { withDesk } from './attach.ts';
import type { Desk } from './desk.ts';
import { show, table } from './table.ts';

/** Who works at the desk on the web. The first admin is added here; then `/agents` does the same. */
export function addAgentCommands(program: Command): void {
  const agent = program.command('agent').description('people who work at the desk on the web');
  agent
    .command('add <name>')
    .description('add somebody and print the link by which they choose a password')
    .requiredOption('--role <role>', `one of ${AGENT_ROLES.join(', ')}; ${roles()}`)
    .option('--email <address>', 'only needed to sign in with a provider')
    .option('--as <name>', 'who acts', 'the command line')
    .option('--json', 'print JSON')
    .action(async (name: string, options: AddOptions) => {
      const role = roleOf(options.role);
      const read = readAgentName(name);
      if (read === null) throw usage('a name has letters, digits, spaces and . _ @ -, 80 at most');
      await print(options, (desk) =>
        addAgent(desk.db, byWhom(options), { name: read, email: options.email?.trim() || null, role }),
      );
    });
  agent
    .command('list')
    .description('everybody, and how they come in')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const agents = (await withDesk(({ db }) => listAgents(db))).map((one) => agentLine(one, 0));
      show(options.json, agents, () =>
        agents.length === 0
          ? 'Nobody yet: purgedesk agent add NAME --role admin'
          : table(
              ['name', 'role', 'comes in by', 'last seen (UTC)', 'e-mail'],
              agents.map((one) => [
                one.name,
                one.isDisabled ? `${one.role}, disabled` : one.role,
                one.way,
                one.seenAt?.slice(0, 16).replace('T', ' ') ?? '',
                one.email,
              ]),
            ),
      );
    });
  change(agent.command('role <name> <role>').description('give another role; sessions end'), (role) => ({
    what: 'role',
    role: roleOf(role ?? ''),
  }));
  change(agent.command('disable <name>').description('shut somebody out at once'), () => ({
    what: 'disabled',
  }));
  change(agent.command('enable <name>').description('let somebody in again'), () => ({ what: 'enabled' }));
  change(
    agent
      .command('reset <name>')
      .description('end password, codes and sessions, and print a link by which new ones are chosen'),
    () => ({ what: 'reset' }),
  );
}

interface ChangeOptions {
  readonly as: string;
  readonly json?: boolean;
}

interface AddOptions extends ChangeOptions {
  readonly role: string;
  readonly email?: string;
}

function change(command: Command, orderOf: (role: string | undefined) => AgentOrder): void {
  command
    .option('--as <name>', 'who acts', 'the command line')
    .option('--json', 'print JSON')
    .action(async (name: string, ...rest: readonly unknown[]) => {
      const order = orderOf(typeof rest[0] === 'string' ? rest[0] : undefined);
      const options = command.opts<ChangeOptions>();
      await print(options, async ({ db }) => {
        const found = await findAgent(db, name);
        if (found === null) throw usage(REFUSALS.no_such_agent);
        return changeAgent(db, byWhom(options), found, order);
      });
    });
}

async function print(options: ChangeOptions, act: (desk: Desk) => Promise<AgentChange>): Promise<void> {
  const { change: made, url } = await withDesk(async (desk) => ({
    change: await act(desk),
    url: desk.environment.desk.publicUrl.replace(/\/+$/, ''),
  }));
  if (made.kind === 'refused') throw usage(REFUSALS[made.why]);
  const link = made.link === null ? null : `${url}/set-up/${made.link}`;
  show(options.json, { link }, () =>
    link === null
      ? 'Done.'
      : `Hand this link to them and to nobody else. It counts once, for ${LINK_HOURS} hours:\n${link}`,
  );
}

const byWhom = ({ as }: ChangeOptions) => ({ id: null, name: agentNamed(as) });

function roleOf(text: string): AgentRole {
  const role = AGENT_ROLES.find((one) => one === text);
  if (role !== undefined) return role;
  throw usage(`a role is one of ${AGENT_ROLES.join(', ')}`);
}

const roles = (): string => AGENT_ROLES.map((role) => `${role}: ${ROLE_WORDS[role]}`).join('; ');

const usage = (what: string): PurgedeskError => new PurgedeskError('PD_USAGE', what);
