/**
 * What an automatic mail says about the delivery of mails of ours. A report counts as a failure only where it says so:
 * a delay, a relay or an out-of-office note quotes our mail as well.
 */

/** What is known about the mail apart from its bytes. */
export interface ReportEnvelope {
  /** Of the multipart/report (RFC 6522), lower case; `null` = it is none. */
  readonly reportType: string | null;
  /** The empty string is the null path (RFC 5321 section 4.5.5), `null` = not known. */
  readonly returnPath: string | null;
  readonly subject: string;
  /** It went to an address that only a report about a mail of ours can know. */
  readonly isOurs: boolean;
}

/**
 * Message-IDs that the report says could not be delivered, angle brackets included; none if it quotes none and tells its
 * mail by the address that it went to. `null` = nothing of ours failed.
 * @param isOurs - whether a Message-ID carries our keyed mark
 */
export function failedMails(
  raw: Buffer,
  report: ReportEnvelope,
  isOurs: (messageId: string) => boolean,
): readonly string[] | null {
  const text = raw.toString('latin1', 0, REPORT_READ).replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  // In-Reply-To and References of the report itself are what any automatic answer carries.
  const body = end === -1 ? '' : text.slice(end);
  const ids = messageIdsIn(body).filter(isOurs);
  const [first] = ids;
  if (first === undefined && !report.isOurs) return null;
  const actions = actionsIn(body);
  const head = text.slice(0, end);
  const isFailure =
    actions.length > 0
      ? actions.includes('failed')
      : first === undefined
        ? // An out-of-office note goes to the envelope sender too (RFC 3834 section 4), and names what it answers.
          !/^in-reply-to:/im.test(head) && saysFailed(head, body.slice(0, WORDS_READ), report)
        : saysFailed(head, body.slice(0, body.indexOf(first)), report);
  return isFailure ? ids : null;
}

const REPORT_READ = 200_000;
/** Of a bounce that quotes nothing of ours. */
const WORDS_READ = 4_000;

const messageIdsIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/<[^<>\s@]{1,200}@[^<>\s@]{1,200}>/g)].map((match) => match[0])),
];

/** The Action of each recipient, lower case, of every part message/delivery-status (RFC 3464 section 2.3.3). */
function actionsIn(body: string): readonly string[] {
  return [...body.matchAll(/^content-type:[ \t]*message\/(?:global-)?delivery-status\b/gim)].flatMap(
    (part) => {
      const [fields = ''] = body.slice(part.index).split(/\n--/, 1);
      return [...fields.matchAll(/^action:[ \t]*([a-z]+)/gim)].map((action) =>
        (action[1] ?? '').toLowerCase(),
      );
    },
  );
}

/**
 * A bounce for people to read: it comes from the null path, says in its own words that the mail did not arrive, and
 * says nothing of a later try.
 */
function saysFailed(
  head: string,
  words: string,
  { reportType, returnPath, subject }: ReportEnvelope,
): boolean {
  if (returnPath !== '' || (reportType !== null && reportType !== 'delivery-status')) return false;
  const said = `${subject}\n${words}`;
  // Exim names in the header whom it could not reach.
  return (FAILURE.test(said) || /^x-failed-recipients:/im.test(head)) && !DELAY.test(said);
}

const FAILURE =
  /undeliver|not be delivered|n['o]t deliver|deliver\w* (?:has )?fail|failure|returned (?:mail|to sender)|reject|(?:unknown|no such|invalid|disabled) (?:user|recipient|address|mailbox)|user unknown|(?:mailbox|address|recipient|user) (?:not found|unavailable|is full|full|does not exist|unknown)|permanent|unzustellbar|nicht zugestellt|non remis|n'a pas pu|no se (?:ha )?(?:pudo|podido)|n.{1,6}o (?:foi|p.{1,6}de)|impossibile|onbestelbaar/i;
const DELAY =
  /delay|will (?:be )?(?:retr|keep|continue)|still (?:trying|being)|no action is required|not yet|warning|queued|transient|noch nicht|verz.{1,6}gert|retard|retras|ritard|vertraagd/i;
