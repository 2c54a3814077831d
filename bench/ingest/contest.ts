import { median } from '../report.ts';
import { prepareGround } from './ground.ts';
import {
  BARE_IS_DONE,
  DESK_IS_DONE,
  MAILS_A_SENDER,
  type MailsOf,
  makeMails,
  playRound,
  type Round,
} from './round.ts';

export interface Contest {
  readonly mails: number;
  readonly runs: number;
  /** Numbers of processes, ascending. */
  readonly processes: readonly number[];
  /** For the desks, `--cpu-prof` for instance. */
  readonly nodeOptions: readonly string[];
}

/** Enough for code and plans to be what they are in a desk at work. */
const WARM_UP = 800;

/** Desk and bare pipeline by turns, each with as many processes. */
export async function benchContest({ mails, runs, processes, nodeOptions }: Contest): Promise<void> {
  await using ground = await prepareGround();
  const rounds = processes.length * (runs + 1);
  const senders = Math.ceil((rounds * (mails + WARM_UP)) / MAILS_A_SENDER) + rounds;
  const desk = await ground.party('desk', await ground.deskDatabase('desk', senders));
  const bare = await ground.party('bare', await ground.bareDatabase());
  const next = numbering();
  for (const count of processes) {
    while (bare.processes.length < count) await bare.startBare();
    while (desk.processes.length < count) await desk.startDesk(nodeOptions);
    const found = { bare: [] as Round[], desk: [] as Round[] };
    for (let run = 0; run <= runs; run += 1) {
      const raws = (await makeMails(ground, next(run === 0 ? WARM_UP : mails))).map(({ raw }) => raw);
      const play = {
        bare: () => playRound(ground, bare, { raws, isDone: BARE_IS_DONE }),
        desk: () => playRound(ground, desk, { raws, isDone: DESK_IS_DONE }),
      };
      // Who goes first changes, so that a machine that tires is fair.
      for (const name of run % 2 === 0 ? (['bare', 'desk'] as const) : (['desk', 'bare'] as const)) {
        const round = await play[name]();
        if (run > 0) found[name].push(round);
      }
    }
    report(count, found);
  }
}

/** Each round has mails and senders of its own. */
export function numbering(): (mails: number) => MailsOf {
  let first = 0;
  let firstSender = 0;
  return (mails) => {
    const batch = { first, firstSender, mails };
    first += mails;
    firstSender += Math.ceil(mails / MAILS_A_SENDER);
    return batch;
  };
}

function report(count: number, { bare, desk }: { bare: readonly Round[]; desk: readonly Round[] }): void {
  console.log(`${count} process${count === 1 ? '' : 'es'}`);
  console.log(`  bare pipeline: ${line(bare)}`);
  console.log(`  the desk:      ${line(desk)}`);
  const each = desk.map((round, at) => round.mailsASecond / (bare[at]?.mailsASecond ?? Number.NaN));
  console.log(
    `  ratio ${median(each).toFixed(2)} (${Math.min(...each).toFixed(2)}-${Math.max(...each).toFixed(2)})`,
  );
}

export function line(rounds: readonly Round[]): string {
  const speed = rounds.map(({ mailsASecond }) => mailsASecond);
  const cpu = (kind: keyof Round['cpu']) => median(rounds.map((round) => round.cpu[kind])).toFixed(2);
  const threads = (kind: keyof Round['threads']) =>
    median(rounds.map((round) => round.threads[kind])).toFixed(2);
  return (
    `${median(speed).toFixed(0)} (${Math.min(...speed).toFixed(0)}-${Math.max(...speed).toFixed(0)}) mails/s; ` +
    `CPU ms a mail: own ${cpu('own')} (main ${threads('main')}, reading ${threads('reading')}, V8 ${threads('runtime')}), Postgres ${cpu('postgres')}, Dovecot ${cpu('dovecot')}, sink ${cpu('sink')}; ` +
    `peak RSS ${Math.max(...rounds.map(({ peak }) => peak)).toFixed(0)} MB a process`
  );
}
