/** Local parts without `.`, `-` and `_`, up to a `+` or `=`: a mail program's own, from which no person writes. */
export const MAILERS: ReadonlySet<string> = new Set([
  'mailerdaemon',
  'maildaemon',
  'maildeliverysystem',
  'maildeliverysubsystem',
  'mailsystem',
  'mdaemon',
  'bounce',
  'bounces',
  'feedbackloop',
  'fbl',
]);

/** In the same form: programs write from there, and now and then a person. */
export const DAEMONS: ReadonlySet<string> = new Set([
  'postmaster',
  'poostmaster',
  'autoresponder',
  'autorespond',
  'autoreply',
  'autoanswer',
  'vacation',
  'listserv',
  'majordomo',
  'mailman',
  'abuse',
  'abusedesk',
  'daemon',
  'cron',
  'nobody',
  'wwwdata',
  'uucp',
]);

/** Parts of an address at which nobody reads, in the same form. People send forms and the like from there too. */
export const UNATTENDED: readonly string[] = [
  'noreply',
  'donotreply',
  'dontreply',
  'notreply',
  'noreplies',
  'unattended',
  'unmonitored',
  'keineantwort',
  'nichtantworten',
  'nepasrepondre',
  'sansreponse',
  'noresponder',
  'nocontestar',
  'naoresponda',
  'naoresponder',
  'nonrispondere',
  'geenantwoord',
  'nietbeantwoorden',
];
