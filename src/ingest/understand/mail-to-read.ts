/** What understanding needs of one mail. Plain values only: it is built from a parsed message, or by hand in a test. */
export interface MailToRead {
  /** Raw values of a field; any case of the name. */
  readonly header: (name: string) => readonly string[];
  readonly subject: string;
  /** The Date field; relative dates count from its UTC day. `null` = none, so that they cannot be read. */
  readonly date: Date | null;
  /** The author's plain address, `null` when it is not one plain mailbox. */
  readonly author: string | null;
  readonly authorName: string | null;
  /** Lower-case media type of the whole mail. */
  readonly mediaType: string;
  /** Lower-case media types of the parts that are not the text, `text/calendar; method=reply` with its method. */
  readonly partTypes: readonly string[];
  /**
   * The mail is known to answer a form of ours, by the keyed Message-ID in its In-Reply-To: a line that is filled in
   * counts then without a word about deletion.
   */
  readonly answersForm: boolean;
  readonly text: string | null;
  readonly html: string | null;
}
