/** The steps of a journey as the tests tell it. */
import { PEOPLE } from '../../src/sandbox/samples.ts';
import type { DeskProcess, Exit } from './desk-process.ts';
import type { Letter, Scene } from './scene.ts';
import { answerWithCode } from './scene.ts';

/** Writes all of them while nobody reads. @returns their Message-IDs, in order */
export async function writeAll(scene: Scene, letters: readonly Letter[]): Promise<readonly string[]> {
  const sent: string[] = [];
  for (const letter of letters) sent.push(await scene.write(letter));
  return sent;
}

/** Waits until each of these mails has been answered at least once. */
export async function untilAnswered(scene: Scene, sent: readonly string[]): Promise<void> {
  await scene.until('every mail is answered', async () =>
    sent.every((id) => scene.delivered.some((mail) => mail.inReplyTo === id)),
  );
}

/** Waits until the mails have left the INBOX and their rows say so. */
export async function untilTakenIn(scene: Scene, count: number): Promise<void> {
  await scene.until(`${count} mails are taken in and handled`, async () => {
    const [row] = await scene
      .db('messages')
      .select<{ done: number; moved: number }[]>(
        scene.db.raw("count(*) filter (where status = 'done') as done, count(moved_at) as moved"),
      );
    return row?.done === count && row.moved === count;
  });
}

/** Ada answers the mail that asks for a code; her ticket enters its grace. @returns the ticket's number */
export async function confirmAsAda(scene: Scene, request: string): Promise<number> {
  const asked = await scene.until('Ada is asked for a code', async () =>
    scene.inboxOf('ada').find((mail) => mail.inReplyTo === request && mail.template === 'verify_request'),
  );
  const code = await answerWithCode(scene, 'ada', asked);
  const ticket = await scene.until("Ada's ticket is in its grace, with a plan", async () =>
    scene
      .db('tickets')
      .select<{ id: number }[]>('tickets.id')
      .join('messages', 'messages.id', 'tickets.message_id')
      .where({ 'messages.message_id_header': request, state: 'grace' })
      .whereNotNull('plan_hash')
      .first(),
  );
  await scene.until('Ada hears that the grace has begun', async () =>
    scene.inboxOf('ada').some((mail) => mail.inReplyTo === code && mail.template === 'grace_started'),
  );
  return ticket.id;
}

/** Lets the five days go by. */
export async function passGrace(scene: Scene, ticket: number): Promise<void> {
  const row = await scene
    .db('tickets')
    .select<{ grace_ends_at: Date }[]>('grace_ends_at')
    .where({ id: ticket })
    .first();
  if (row === undefined) throw new Error('no such ticket');
  await scene.advanceTo(row.grace_ends_at);
}

/** Waits for the end: the ticket is completed, the others have had their turn, and all mails are out. */
export async function untilCompleted(scene: Scene, ticket: number): Promise<void> {
  await scene.until('the purge is completed', async () => {
    const row = await scene.db('tickets').select<{ state: string }[]>('state').where({ id: ticket }).first();
    return row?.state === 'completed';
  });
  await scene.until('Ada hears that it is done', async () =>
    scene.delivered.some((mail) => mail.recipient === PEOPLE.ada.address && mail.template === 'completed'),
  );
  await scene.until('no ticket is due any more', async () => {
    const due = await scene.db('tickets').select('id').whereRaw('wake_at <= desk_now()').first();
    return due === undefined;
  });
  await untilNothingPends(scene);
}

/** Waits until every mail of the desk is out, or of unknown outcome since a kill. */
export async function untilNothingPends(scene: Scene): Promise<void> {
  await scene.until('no mail waits to be sent', async () => {
    const [row] = await scene.db('outbox').select<{ waiting: number }[]>(scene.db.raw(WAITING_MAILS));
    return row?.waiting === 0;
  });
}

/** A lease that began before the oldest process that lives belongs to one that was killed. */
const WAITING_MAILS = `
  count(*) filter (where status = 'pending' or (status = 'sending' and lease_until > clock_timestamp() + interval '170 seconds')) as waiting`;

/**
 * A mail of unknown outcome is repeated once, a quarter of an hour after its lease of three minutes; retries follow the
 * real clock, which no desk lets anybody move. So the test, as the superuser, makes that time be over.
 * @returns the Message-IDs of the mails whose outcome was unknown
 */
export async function letUncertainMailsRepeat(scene: Scene): Promise<readonly string[]> {
  const uncertain = await scene
    .db('outbox')
    .whereIn('status', ['sending', 'unknown'])
    .update({ lease_until: scene.db.raw("clock_timestamp() - interval '1 second'") })
    .returning<{ message_id_header: string }[]>('message_id_header');
  await scene.until('the outbox is sent', async () => {
    await scene
      .db('outbox')
      .where({ status: 'unknown' })
      .where('attempts', '<', 2)
      .update({ next_attempt_at: scene.db.fn.now() });
    await scene.db.raw("select graphile_worker.add_job('outbox.flush', payload => '{}'::json)");
    const left = await scene.db('outbox').select('id').whereNot({ status: 'sent' }).first();
    return left === undefined;
  });
  return uncertain.map((mail) => mail.message_id_header);
}

/** Waits until the desk has reached its crash point. @throws Error when it ends in any other way */
export async function untilKilled(scene: Scene, desk: DeskProcess): Promise<void> {
  const exit = await scene.until('the desk kills itself', async () => desk.ended());
  if (exit.signal !== 'SIGKILL') throw new Error(`the desk ended otherwise:\n${desk.output()}`);
}

/** A desk that is started again whenever it ends by itself, as a service manager does. */
export async function superviseDesk(scene: Scene): Promise<AsyncDisposable> {
  let wanted = true;
  let desk = await scene.serve();
  const watch = async (exit: Promise<Exit>): Promise<void> => {
    await exit;
    if (!wanted) return;
    desk = scene.spawn();
    return watch(desk.exit);
  };
  const watching = watch(desk.exit);
  return {
    [Symbol.asyncDispose]: async () => {
      wanted = false;
      desk.kill('SIGKILL');
      await watching;
    },
  };
}
