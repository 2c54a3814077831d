/** What the page behind the link of a mail needs. Everything comes in the reader's language. */

export interface CustomerPorts {
  /** `null` = no such link, one that has ended, or one with nothing to show: all the same. */
  open(token: string): Promise<StatusPage | null>;
  /** Words for somebody without a page: in the language of the old link, else in one that the browser asks for. */
  words(token: string, languages: string): Promise<CustomerWords>;
  /** Cancels one ticket of the link; does nothing where that is not possible any more. */
  cancel(token: string, reference: string): Promise<void>;
  /** Has a new link sent to where the old one went, if it is due. */
  renew(token: string): Promise<void>;
  /** The signed receipt as JSON; `null` = there is none for this reader. */
  receipt(token: string, reference: string): Promise<string | null>;
  certificate(token: string, reference: string): Promise<Uint8Array | null>;
  /** The hidden field of the forms of this link's pages. */
  formField(token: string): string;
}

export interface StatusPage {
  readonly words: CustomerWords;
  readonly tickets: readonly StatusTicket[];
  /** "This link works until …". */
  readonly valid: string;
  readonly keyPage: string;
}

export interface StatusTicket {
  readonly reference: string;
  readonly what: string;
  /** One or a few sentences. */
  readonly standing: string;
  /** Empty when it left the way before its end. */
  readonly steps: readonly {
    readonly label: string;
    readonly tone: 'done' | 'now' | 'ahead';
    readonly said: string;
  }[];
  readonly dates: readonly { readonly label: string; readonly at: string; readonly when: string }[];
  /** Set while it can be cancelled: until when. */
  readonly cancel: string | null;
  /** Why it can no longer be cancelled, where that is not plain from how it stands. */
  readonly tooLate: string | null;
  /** The reader may have its receipt. */
  readonly hasReceipt: boolean;
  /** What to type, and what to say when something else was typed. */
  readonly label: string;
  readonly mistyped: string;
}

/** Fixed words, as `page` in the file of each language. */
export interface CustomerWords {
  /** BCP 47. */
  readonly language: string;
  readonly desk: string;
  readonly title: string;
  readonly titleOfSeveral: string;
  readonly asked: string;
  readonly stands: string;
  readonly progress: { readonly heading: string };
  readonly dates: { readonly heading: string };
  readonly cancel: { readonly heading: string; readonly button: string; readonly tooLate: string };
  readonly sure: {
    readonly heading: string;
    readonly lead: string;
    readonly hint: string;
    readonly button: string;
    readonly back: string;
  };
  readonly proof: {
    readonly heading: string;
    readonly receipt: string;
    readonly certificate: string;
    readonly check: string;
  };
  readonly questions: string;
  readonly gone: {
    readonly heading: string;
    readonly lead: string;
    readonly button: string;
    readonly hint: string;
    readonly sentHeading: string;
    readonly sent: string;
  };
  readonly busy: string;
  readonly foreign: string;
}
