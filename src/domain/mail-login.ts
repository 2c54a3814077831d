/** How an account of a mail server is opened. Nothing here shows a secret unless it is asked for. */

/** Access tokens of one client at one OAuth 2.0 provider, for IMAP and SMTP alike. */
export interface TokenSource {
  /**
   * One that is good for a while yet: the last one, or a new one.
   * @throws PurgedeskError PD_MAILBOX_TOKEN when there is none to be had now
   */
  accessToken(): Promise<string>;
  /** A mail server refuses this token: it is given out no more. */
  rejected(token: string): void;
}

export type MailLogin =
  | { readonly kind: 'password'; readonly password: { reveal(): string } }
  | { readonly kind: 'oauth'; readonly tokens: TokenSource };
