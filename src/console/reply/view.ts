import { referenceOf, ticketId } from '../../domain/ids.ts';
import { plain } from '../../domain/words.ts';
import { templateWords } from '../ticket/template-words.ts';
import { OWN_WORDS, type ReplyForm, WORDS_LENGTH_MAX } from './form.ts';
import type { About, Recipient, ReplyPorts } from './ports.ts';

export interface Back {
  readonly path: string;
  readonly label: string;
  readonly listPath: string;
  readonly listLabel: string;
}

export interface WriteView {
  readonly page: { readonly title: string };
  readonly back: Back;
  readonly address: string;
  readonly warnings: readonly string[];
  readonly form: ReplyForm;
  readonly wordsMax: number;
  readonly templates: readonly {
    readonly name: string;
    readonly label: string;
    readonly hint: string;
    readonly isChosen: boolean;
  }[];
  readonly languages: readonly { readonly tag: string; readonly name: string; readonly isChosen: boolean }[];
}

export interface LookView {
  readonly page: { readonly title: string };
  readonly back: Back;
  readonly draft: string;
  readonly address: string;
  readonly warnings: readonly string[];
  readonly refused: string | null;
  readonly subject: string;
  readonly text: string;
  readonly source: string;
  /** It answers a mail that waits, which is done with by it. */
  readonly asksDone: boolean;
}

export interface NobodyView {
  readonly page: { readonly title: string };
  readonly back: Back;
  readonly why: string;
}

export interface Found {
  readonly about: About;
  readonly recipient: Recipient;
}

const HINTS: Readonly<Record<string, string>> = {
  agent_reply: 'A greeting, what you write below, and the name of the desk.',
  pointers:
    'What customers can delete themselves, and how to ask for the rest. It tells nothing about anybody.',
  status: 'Where the request stands now, what comes next, and when.',
};

export function writeView(
  base: string,
  languages: ReplyPorts['languages'],
  { about, recipient }: Found,
  form: ReplyForm,
): WriteView {
  return {
    page: {
      title: 'ticket' in about ? `Write about ${referenceOf(ticketId(about.ticket))}` : 'Answer this mail',
    },
    back: backOf(base, about),
    address: plain(recipient.address),
    warnings: recipient.warnings,
    form,
    wordsMax: WORDS_LENGTH_MAX,
    templates: recipient.templates.map((name) => ({
      name,
      label: name === OWN_WORDS ? 'Your own words' : templateWords(name),
      hint: HINTS[name] ?? '',
      isChosen: form.template === name,
    })),
    languages: languages.map((language) => ({ ...language, isChosen: language.tag === form.locale })),
  };
}

export function backOf(base: string, about: About): Back {
  if ('mail' in about) {
    const path = `${base}/mails/${about.mail}`;
    return { path, label: `Mail ${about.mail}`, listPath: `${base}/mails`, listLabel: 'Mails' };
  }
  const reference = referenceOf(ticketId(about.ticket));
  return {
    path: `${base}/tickets/${reference}`,
    label: reference,
    listPath: `${base}/queue`,
    listLabel: 'Queue',
  };
}
