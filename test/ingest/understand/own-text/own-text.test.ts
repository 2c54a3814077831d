import { describe, expect, test } from 'vitest';

import { ownTextOf } from '../../../../src/ingest/understand/own-text/own-text.ts';
import { mail } from '../mail.ts';

const read = (text: string, subject = 'Re: Hello') => ownTextOf(mail({ text, subject }));
/** The filled lines of the own text. */
const own = (text: string, subject?: string): string =>
  read(text, subject)
    .text.split('\n')
    .filter((line) => line.trim() !== '')
    .join('|');

const OLD = ['Hello Ada,', '', 'please delete workspace old-one.', '', 'purgedesk support'];
const quoted = OLD.map((line) => `> ${line}`.trimEnd()).join('\n');
const plain = OLD.join('\n');
const WHO = 'purgedesk support <desk@example.org>';

/** How programs introduce what they quote, by language. The last column of a client says that its quote bears marks. */
const INTRODUCTIONS: readonly (readonly [client: string, line: string])[] = [
  ['Gmail, en', `On Tue, Oct 29, 2024 at 4:02 PM ${WHO} wrote:`],
  [
    'Gmail, wrapped over two lines',
    `On Tue, Oct 29, 2024 at 4:02 PM purgedesk support <desk@example.org>\nwrote:`,
  ],
  [
    'Gmail, wrapped over three lines',
    `On Tue, Oct 29, 2024 at 4:02 PM purgedesk support of the\nExample Company Ltd <desk@example.org>\nwrote:`,
  ],
  ['Gmail, de', `Am Di., 29. Okt. 2024 um 16:02 Uhr schrieb ${WHO}:`],
  ['Gmail, fr', `Le mar. 29 oct. 2024 à 16:02, ${WHO} a écrit :`],
  ['Gmail, fr, wrapped', `Le mar. 29 oct. 2024 à 16:02, purgedesk support <desk@example.org> a\nécrit :`],
  ['Gmail, es', `El mar, 29 oct 2024 a las 16:02, purgedesk support (<desk@example.org>) escribió:`],
  ['Gmail, pt', `Em ter., 29 de out. de 2024 às 16:02, ${WHO} escreveu:`],
  ['Gmail, it', `Il giorno mar 29 ott 2024 alle ore 16:02 ${WHO} ha scritto:`],
  ['Gmail, nl', `Op di 29 okt 2024 om 16:02 schreef ${WHO}:`],
  ['Gmail, ja', `2024年10月29日(火) 16:02 ${WHO}:`],
  ['Gmail, sv', `Den tis 29 okt. 2024 kl 16:02 skrev ${WHO}:`],
  ['Gmail, da', `Den tirs. 29. okt. 2024 kl. 16.02 skrev ${WHO}:`],
  ['Gmail, pl', `wt., 29 paź 2024 o 16:02 ${WHO} napisał(a):`],
  ['Gmail, a language that we do not know', `нд, 29 жовт. 2024 р. о 16:02 ${WHO} пише:`],
  ['Apple, en', `> On 29 Oct 2024, at 16:02, ${WHO} wrote:`],
  ['Apple, de', `> Am 29.10.2024 um 16:02 schrieb ${WHO}:`],
  ['Apple, fr', `> Le 29 oct. 2024 à 16:02, ${WHO} a écrit :`],
  ['Apple, nl', `> Op 29 okt. 2024, om 16:02 heeft ${WHO} het volgende geschreven:`],
  ['Apple, it', `> Il giorno 29 ott 2024, alle ore 16:02, ${WHO} ha scritto:`],
  ['Apple, es', `> El 29 oct 2024, a las 16:02, ${WHO} escribió:`],
  ['Apple, pt', `> No dia 29/10/2024, às 16:02, ${WHO} escreveu:`],
  ['Apple, ja', `> 2024/10/29 16:02、${WHO}のメール:`],
  ['Thunderbird, en', 'On 29/10/2024 16:02, purgedesk support wrote:'],
  ['Thunderbird, de', 'Am 29.10.24 um 16:02 schrieb purgedesk support:'],
  ['Thunderbird, fr', 'Le 29/10/2024 à 16:02, purgedesk support a écrit :'],
  ['Thunderbird, es', 'El 29/10/24 a las 16:02, purgedesk support escribió:'],
  ['Thunderbird, pt', 'Em 29/10/2024 16:02, purgedesk support escreveu:'],
  ['Thunderbird, it', 'Il 29/10/24 16:02, purgedesk support ha scritto:'],
  ['Thunderbird, nl', 'Op 29-10-2024 om 16:02 schreef purgedesk support:'],
  ['Thunderbird, ja', 'On 2024/10/29 16:02, purgedesk support wrote:'],
  ['mutt', 'purgedesk support wrote:'],
  ['Mailspring', `On Oct 29 2024, at 4:02 pm, ${WHO} wrote:`],
  ['Yahoo with marks', `On Tuesday, October 29, 2024 at 04:02:11 PM GMT+1, ${WHO} wrote:`],
  ['Proton', `On Tuesday, October 29th, 2024 at 4:02 PM, ${WHO} wrote:`],
  ['Horde', `Zitat von ${WHO}:`],
  ['Alpine', '* purgedesk support <desk@example.org> [2024-10-29 16:02]:'],
];

describe('an introduction and the quote below it are not the writer’s', () => {
  test.each(INTRODUCTIONS)('%s, answered above', (_client, line) => {
    expect(own(`Not that one, keep it.\n\n${line}\n\n${quoted}\n`)).toBe('Not that one, keep it.');
  });

  test.each(INTRODUCTIONS)('%s, answered below', (_client, line) => {
    expect(own(`${line}\n${quoted}\n\nNot that one, keep it.`)).toBe('Not that one, keep it.');
  });

  test.each(INTRODUCTIONS)('%s, answered above and below', (_client, line) => {
    expect(own(`Yes please.\n\n${line}\n${quoted}\n\nBut not before Monday.`)).toBe(
      'Yes please.|But not before Monday.',
    );
  });
});

describe('a quote without marks reaches to the end', () => {
  test.each(INTRODUCTIONS.filter(([client, line]) => !line.startsWith('>') && !/mutt|Horde/.test(client)))(
    '%s',
    (_client, line) => {
      expect(own(`Not that one, keep it.\n\n${line}\n\n${plain}`)).toBe('Not that one, keep it.');
    },
  );
});

/** From, sent, to, subject as Outlook names them. */
const HEADERS: readonly (readonly [
  language: string,
  from: string,
  sent: string,
  to: string,
  subject: string,
])[] = [
  ['en', 'From', 'Sent', 'To', 'Subject'],
  ['en, Mac', 'From', 'Date', 'To', 'Subject'],
  ['de', 'Von', 'Gesendet', 'An', 'Betreff'],
  ['de, Mac', 'Von', 'Datum', 'An', 'Betreff'],
  ['fr', 'De ', 'Envoyé ', 'À ', 'Objet '],
  ['fr, Mac', 'De ', 'Date ', 'À ', 'Objet '],
  ['es', 'De', 'Enviado el', 'Para', 'Asunto'],
  ['es, web', 'De', 'Enviado', 'Para', 'Asunto'],
  ['es, Mac', 'De', 'Fecha', 'Para', 'Asunto'],
  ['pt', 'De', 'Enviado', 'Para', 'Assunto'],
  ['pt, Brazil', 'De', 'Enviada em', 'Para', 'Assunto'],
  ['it', 'Da', 'Inviato', 'A', 'Oggetto'],
  ['it, Mac', 'Da', 'Data', 'A', 'Oggetto'],
  ['nl', 'Van', 'Verzonden', 'Aan', 'Onderwerp'],
  ['nl, Mac', 'Van', 'Datum', 'Aan', 'Onderwerp'],
  ['ja', '差出人', '送信日時', '宛先', '件名'],
  ['sv', 'Från', 'Skickat', 'Till', 'Ämne'],
  ['da', 'Fra', 'Sendt', 'Til', 'Emne'],
  ['pl', 'Od', 'Wysłano', 'Do', 'Temat'],
];
const headerOf = ([, from, sent, to, subject]: (typeof HEADERS)[number]): readonly string[] => [
  `${from}: ${WHO}`,
  `${sent}: Tuesday, October 29, 2024 16:02`,
  `${to}: Ada Novak <ada@example.org>`,
  `${subject}: Your request`,
];
const HEADER_FORMS: readonly (readonly [form: string, write: (lines: readonly string[]) => string])[] = [
  ['plain', (lines) => lines.join('\n')],
  ['bold in asterisks', (lines) => lines.map((line) => line.replace(/^([^:]+):/, '*$1:*')).join('\n')],
  ['under a rule of underscores', (lines) => `________________________________\n${lines.join('\n')}`],
  ['under a rule of dashes', (lines) => `-----Original Message-----\n${lines.join('\n')}`],
  ['double spaced', (lines) => lines.join('\n\n')],
  [
    'with recipients in two lines',
    (lines) => lines.join('\n').replace('ada@example.org>', 'ada@example.org>;\n Bob <bob@example.org>'),
  ],
  ['with CRLF', (lines) => lines.join('\r\n')],
];

describe('a copied header opens a quote', () => {
  test.each(
    HEADERS.flatMap((header) =>
      HEADER_FORMS.map(([form, write]) => ({ language: header[0], form, header: write(headerOf(header)) })),
    ),
  )('$language, $form', ({ header }) => {
    expect(own(`Not that one, keep it.\n\n${header}\n\n${plain}`)).toBe('Not that one, keep it.');
  });

  test('all in one line', () => {
    const line = headerOf(HEADERS[0]!).join(' ');
    expect(own(`Keep it.\n\n${line}\n\n${plain}`)).toBe('Keep it.');
  });

  test.each([
    ['a period', 'From: 2024-01-01\nTo: 2024-03-31\nSubject: Website Prod\nDate: today'],
    ['a period with a time of day', 'From: 2024-01-01\nTo: 2024-03-31\nDate: 2024-05-01 10:00\nSubject: Web'],
    ['months', 'From: January 2024\nTo: March 2024\nSubject: Website Prod'],
    ['German days', 'Von: 01.01.2024\nBis: 31.03.2024\nDatum: heute'],
    ['a web form', 'From: Ada Novak <ada@example.org>\nSubject: Deletion\n\nMessage Body:\nDelete it.'],
  ])('but not the writer’s own form: %s', (_title, form) => {
    expect(own(form)).toBe(
      form
        .split('\n')
        .filter((line) => line !== '')
        .join('|'),
    );
  });
});

describe('lines of dashes that open a quote', () => {
  test.each([
    '-----Original Message-----',
    '-------- Original message --------',
    '------- Original Message -------',
    '-----Ursprüngliche Nachricht-----',
    '-------- Original-Nachricht --------',
    "-----Message d'origine-----",
    '-------- Message d’origine --------',
    '-----Mensaje original-----',
    '-----Mensagem original-----',
    '-----Messaggio originale-----',
    '-----Oorspronkelijk bericht-----',
    '-----元のメッセージ-----',
    '-----Ursprungligt meddelande-----',
    '-----Oprindelig meddelelse-----',
    '-----Wiadomość oryginalna-----',
  ])('%s', (line) => {
    expect(own(`Keep it.\n\n${line}\nX: y\n\n${plain}`)).toBe('Keep it.');
  });
});

describe('our own mail, quoted without marks, ends at its first line in every language', () => {
  test.each([
    '-- Please reply above this line --',
    '-- Bitte antworten Sie über dieser Zeile --',
    '-- Bitte oberhalb dieser Zeile antworten --',
    '-- Merci de répondre au-dessus de cette ligne --',
    '-- Por favor, responda por encima de esta línea --',
    '-- Responda acima desta linha --',
    '-- Rispondere sopra questa riga --',
    '-- Antwoord boven deze regel --',
    '-- この行より上に返信してください --',
    '##- Please type your reply above this line -##',
  ])('%s', (marker) => {
    expect(
      own(`Not yet.\n\n${marker}\n\nPlease confirm\n\n- PD-1042: the workspace old-one\n\n    731904`),
    ).toBe('Not yet.');
  });

  test('a headline of the writer’s between dashes is no such line', () => {
    expect(own('-- Details --\nWorkspace: acme')).toBe('-- Details --|Workspace: acme');
  });
});

describe('what is dangerous to lose or to read', () => {
  test.each([
    {
      title: 'answers between questions',
      text: `See below.\n\n> Which source?\n\nWeb\n\n> Which days?\n\nMay 2024`,
      kept: 'See below.|Web|May 2024',
    },
    {
      title: 'answers right between questions',
      text: '> Which source?\nWeb\n> Which days?\nMay 2024\n> Bye',
      kept: 'Web|May 2024',
    },
    { title: 'quotes in quotes', text: '>>> delete a\n>> delete b\n> > delete c\nNo.', kept: 'No.' },
    {
      title: 'a denial right below a quote',
      text: '> I delete the workspace tomorrow at noon, is that what you really want\nno, stop\n> Bye',
      kept: 'no, stop',
    },
    {
      title: 'the end of a quoted line that a relay broke off',
      text: 'Yes.\n\n> we received a request to delete the data of the source Website in the\nworkspace acme-inc\n> today',
      kept: 'Yes.',
    },
    {
      title: 'a line that a mail store has escaped',
      text: 'Delete it.\n>From acme only the source.\nThanks',
      kept: 'Delete it.| From acme only the source.|Thanks',
    },
    { title: 'full-width marks', text: 'はい\n\n＞ 削除してください\n', kept: 'はい' },
    {
      title: 'a correction below a signature',
      text: 'Delete acme.\n\nAda\n\nSorry, I meant acme-eu.',
      kept: 'Delete acme.|Sorry, I meant acme-eu.',
    },
    {
      title: 'a denial below a signature',
      text: 'Delete acme.\n\nBest regards\nAda\n\nDo not delete the source Web.',
      kept: 'Delete acme.|Do not delete the source Web.',
    },
    {
      title: 'a German denial below a signature',
      text: 'Bitte löschen.\n\nViele Grüße\nAda\n\nHalt, bitte doch nicht.',
      kept: 'Bitte löschen.|Halt, bitte doch nicht.',
    },
    {
      title: 'a postscript in the signature’s paragraph',
      text: 'Delete acme.\n\nAda\nPS: not acme-eu',
      kept: 'Delete acme.|PS: not acme-eu',
    },
    {
      title: 'a form behind dashes',
      text: 'Please delete:\n--\nWorkspace: acme\nSource: Web',
      kept: 'Please delete:|--|Workspace: acme|Source: Web',
    },
    {
      title: 'a rule of underscores above a form',
      text: 'Please delete:\n\n__________________________\nWorkspace: acme',
      kept: 'Please delete:|__________________________|Workspace: acme',
    },
    {
      title: 'a request that opens and sounds like a disclaimer',
      text: 'This email is about the workspace acme, made for the sole use of a trial. Do not delete it.',
      kept: 'This email is about the workspace acme, made for the sole use of a trial. Do not delete it.',
    },
    {
      title: 'a request that speaks of confidential data',
      text: 'This workspace acme is confidential. Do not delete it.',
      kept: 'This workspace acme is confidential. Do not delete it.',
    },
    {
      title: 'a wrapped sentence that begins like a footer',
      text: 'Bitte entfernen Sie\nvon meinem Arbeitsbereich nur die Quelle Web.',
      kept: 'Bitte entfernen Sie|von meinem Arbeitsbereich nur die Quelle Web.',
    },
    {
      title: 'a list of addresses at the end',
      text: 'Please delete these users:\n\njane@example.org\nbob@example.org',
      kept: 'Please delete these users:|jane@example.org|bob@example.org',
    },
    {
      title: 'a line that ends in an address and a colon',
      text: 'Delete what belongs to <jane@example.org>:\n\nuser_1',
      kept: 'Delete what belongs to <jane@example.org>:|user_1',
    },
    {
      title: 'a second thought right above an introduction',
      text: `On second thought, keep it.\nOn Tue, Oct 29, 2024 at 4:02 PM ${WHO} wrote:\n${quoted}`,
      kept: 'On second thought, keep it.',
    },
  ])('$title', ({ text, kept }) => {
    expect(own(text)).toBe(kept);
  });
});

describe('what may be the writer’s and was left out is told', () => {
  const line = `On Tue, Oct 29, 2024 at 4:02 PM ${WHO} wrote:`;
  test.each([
    { title: 'nothing above a quote without marks', text: `${line}\n\n${plain}\n\nNo!`, unsure: true },
    {
      title: 'nothing above a copied header',
      text: `${headerOf(HEADERS[0]!).join('\n')}\n\n${plain}`,
      unsure: true,
    },
    {
      title: 'nothing above our own mail',
      text: `-- Please reply above this line --\n\n${plain}\n\nNo!`,
      unsure: true,
    },
    {
      title: 'an introduction as people write it',
      text: `Delete acme.\n\nOn 3 May 2024 Bob wrote:\n\n${plain}`,
      unsure: true,
    },
    { title: 'more lines than are read', text: 'Delete acme.\n'.repeat(10_001), unsure: true },
    { title: 'more text than is read', text: `Delete acme. ${'a '.repeat(200_000)}`, unsure: true },
    { title: 'an answer above', text: `No.\n\n${line}\n\n${plain}`, unsure: false },
    { title: 'an answer below marks', text: `${line}\n${quoted}\n\nNo.`, unsure: false },
    { title: 'no quote', text: 'Delete acme.', unsure: false },
  ])('$title', ({ text, unsure }) => {
    expect(read(text).unsure).toBe(unsure);
  });
});

describe('signatures and footers', () => {
  test.each([
    '-- \nAda Novak\nExample Ltd',
    '--\nAda',
    'Ada',
    'Ada Novak',
    'A. Novak',
    'Novak, Ada',
    'Ada N.',
    'Ada Novak, Data Protection Officer',
    'Ada Novak | Example Ltd',
    'Thanks, Ada',
    'Best regards Ada Novak',
    'Best,\nA.',
    '*Ada Novak*\nExample Ltd',
    'Best regards,\nExample Ltd team',
    'Kind regards',
    'Mit freundlichen Grüßen\nAda Novak',
    'Viele Grüße, Ada',
    'MfG',
    'Danke, Ada',
    'Cordialement,\nAda',
    'Bien à vous,',
    'Merci, Ada',
    'Saludos,\nAda',
    'Un cordial saludo',
    'Atenciosamente,\nAda',
    'Obrigada, Ada',
    'Cordiali saluti\nAda',
    'Met vriendelijke groet,\nAda',
    'Groetjes, Ada',
    'よろしくお願いいたします。\nノヴァク',
    '以上',
    'Med vänliga hälsningar\nAda',
    'Sent from my iPhone',
    'Get Outlook for iOS<https://aka.ms/o0ukef>',
    'Sent with Proton Mail secure email.',
    'Sent from Yahoo Mail for iPhone',
    'Von meinem iPhone gesendet',
    'Gesendet von Outlook für Android',
    'Envoyé de mon iPhone',
    'Télécharger Outlook pour iOS',
    'Enviado desde mi iPhone',
    'Obtener Outlook para Android',
    'Enviado do meu iPhone',
    'Obter o Outlook para iOS',
    'Inviato da iPhone',
    'Scarica Outlook per Android',
    'Verstuurd vanaf mijn iPhone',
    'Outlook voor iOS downloaden',
    'iPhoneから送信',
    'Example Ltd, 1 Main Street\nTel. +44 20 7946 0000\nwww.example.org',
    '_______________________________________________\ndesk mailing list\ndesk@lists.example.org\nhttps://lists.example.org/listinfo/desk',
  ])('%s', (end) => {
    expect(own(`Yes please.\n\n${end}`)).toBe('Yes please.');
  });

  test('a one-letter line in a list is no signature', () => {
    expect(own('Delete the spaces\n\nA\n\nB\n\nof acme')).toBe('Delete the spaces|A|B|of acme');
  });
});

describe('disclaimers and banners', () => {
  test.each([
    'If you are not the intended recipient, delete this mail.',
    'CONFIDENTIALITY NOTICE: This email and any files are confidential and intended solely for the use of the individual to whom they are addressed.',
    'This message may contain confidential information. If you received it in error,\nplease notify the sender and delete it.',
    'Please consider the environment before printing this email.',
    'Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, löschen Sie diese Mail.',
    'Ce message est confidentiel. Si vous avez reçu ce message par erreur, merci de le supprimer.',
    'Este mensaje es confidencial. Si ha recibido este mensaje por error, bórrelo.',
    'Esta mensagem é confidencial. Se recebeu esta mensagem por engano, apague-a.',
    'Questo messaggio è riservato. Se avete ricevuto questo messaggio per errore, eliminatelo.',
    'Dit bericht is vertrouwelijk. Indien u niet de geadresseerde bent, verwijder het dan.',
    'このメールには機密情報が含まれています。誤って受信された場合は削除してください。',
    '*This e-mail is privileged and confidential.*',
  ])('%s', (end) => {
    expect(own(`Yes please.\n\n${end}`)).toBe('Yes please.');
    expect(own(`Yes please.\n\nAda\n\n${end}`)).toBe('Yes please.');
  });

  test.each([
    'CAUTION: This email originated from outside of the organization. Do not click links unless you know the sender.',
    '[EXTERNAL EMAIL] Do not click links or open attachments.',
    'Externe E-Mail: Öffnen Sie keine Anhänge von unbekannten Absendern.',
  ])('%s', (banner) => {
    expect(own(`${banner}\n\nYes please.`)).toBe('Yes please.');
  });
});

describe('a forwarded mail counts only when the writer asks to have it handled', () => {
  const bobs = (at: number): string =>
    headerOf(HEADERS[at]!).join('\n').replace(WHO, 'Bob Hill <bob@example.org>');
  const FORWARDED = 'Hi Ada,\n\nget rid of the data of the source Web.\n\nBob';
  const gmail = `---------- Forwarded message ---------\nFrom: Bob Hill <bob@example.org>\nDate: Tue, Oct 29, 2024 at 4:02 PM\nSubject: x\nTo: Ada <ada@example.org>\n\n\n${FORWARDED}`;
  const KEPT = 'Hi Ada,|get rid of the data of the source Web.';

  test.each([
    ['Gmail', gmail, 'Fwd: x'],
    [
      'Gmail, de',
      gmail
        .replace('Forwarded message', 'Weitergeleitete Nachricht')
        .replace('From', 'Von')
        .replace('Subject', 'Betreff')
        .replace('To:', 'An:'),
      'Fwd: x',
    ],
    [
      'Gmail, fr',
      gmail
        .replace('Forwarded message', 'Message transféré')
        .replace('From', 'De')
        .replace('Subject', 'Objet')
        .replace('To:', 'À:'),
      'Fwd: x',
    ],
    ['Outlook', `${bobs(0)}\n\n${FORWARDED}`, 'FW: x'],
    ['Outlook, de', `${bobs(2)}\n\n${FORWARDED}`, 'WG: x'],
    ['Outlook, fr', `${bobs(4)}\n\n${FORWARDED}`, 'TR: x'],
    ['Outlook, es', `${bobs(6)}\n\n${FORWARDED}`, 'RV: x'],
    ['Outlook, it', `${bobs(11)}\n\n${FORWARDED}`, 'I: x'],
    ['Outlook, pt', `${bobs(10)}\n\n${FORWARDED}`, 'ENC: x'],
    ['Outlook, nl', `${bobs(13)}\n\n${FORWARDED}`, 'FW: x'],
    ['Outlook, ja', `${bobs(15)}\n\n${FORWARDED}`, '転送: x'],
    [
      'Thunderbird',
      `-------- Forwarded Message --------\nSubject: \tx\nDate: \tTue, 29 Oct 2024 16:02:00 +0100\nFrom: \tBob Hill <bob@example.org>\nTo: \tAda <ada@example.org>\n\n\n${FORWARDED}`,
      'Fwd: x',
    ],
    [
      'Apple',
      `> Begin forwarded message:\n> \n> From: Bob Hill <bob@example.org>\n> Subject: x\n> Date: 29 October 2024 at 16:02:00 CET\n> To: Ada <ada@example.org>\n> \n${FORWARDED.split(
        '\n',
      )
        .map((line) => `> ${line}`)
        .join('\n')}`,
      'Fwd: x',
    ],
    [
      'Apple without marks',
      `Begin forwarded message:\n\nFrom: Bob Hill <bob@example.org>\nSubject: x\nDate: 29 October 2024\nTo: Ada\n\n${FORWARDED}`,
      'Fwd: x',
    ],
    [
      'Notes',
      `----- Forwarded by Ada Novak/Example on 29.10.2024 16:02 -----\n\nFrom: Bob Hill\nTo: Ada\nDate: 29.10.2024 16:01\nSubject: x\n\n${FORWARDED}`,
      'Fw: x',
    ],
  ])('%s', (_client, forwarded, subject) => {
    const taken = read(`Please handle the request below.\n\nAda\n\n${forwarded}`, subject);
    expect(taken.forward).toBe('handled');
    expect(
      taken.text
        .split('\n')
        .filter((line) => line !== '')
        .join('|'),
    ).toBe(`Please handle the request below.|${KEPT}`);
    expect(read(`FYI.\n\n${forwarded}`, subject)).toMatchObject({ forward: 'unhandled', text: 'FYI.' });
  });

  test.each([
    ['Please take care of the request below.', 'handled'],
    ['Please process this.', 'handled'],
    ['Could you please delete what my colleague describes?', 'handled'],
    ['Bitte die Anfrage unten bearbeiten.', 'handled'],
    ['Bitte kümmern Sie sich um diese Anfrage.', 'handled'],
    ['Merci de traiter la demande ci-dessous.', 'handled'],
    ['Por favor, tramiten la solicitud de abajo.', 'handled'],
    ['Por favor, tratem o pedido abaixo.', 'handled'],
    ['Per favore, gestite la richiesta qui sotto.', 'handled'],
    ['Graag onderstaand verzoek afhandelen.', 'handled'],
    ['下記の依頼をご対応ください。', 'handled'],
    ['', 'unhandled'],
    ['FYI, please do not act on it.', 'unhandled'],
    ['How should we handle this?', 'unhandled'],
    ['Zur Information.', 'unhandled'],
    ['Bitte noch nichts löschen, nur zur Info.', 'unhandled'],
    ['Pour information, ne rien faire.', 'unhandled'],
    ['Para su información.', 'unhandled'],
    ['Para conhecimento.', 'unhandled'],
    ['Per conoscenza.', 'unhandled'],
    ['Ter info.', 'unhandled'],
    ['ご参考まで。', 'unhandled'],
    ['Is this legit?', 'unhandled'],
  ])('%s', (comment, forward) => {
    expect(read(`${comment}\n\n${gmail}`, 'Fwd: x').forward).toBe(forward);
  });

  test('a request that names its own thing leaves the mail below alone', () => {
    expect(read(`Please delete the workspace acme-inc.\n\n${gmail}`, 'Fwd: x')).toMatchObject({
      forward: 'none',
      text: 'Please delete the workspace acme-inc.',
    });
  });

  test('of a forwarded thread only the uppermost mail is passed on', () => {
    expect(
      own(
        `Please handle the request below.\n\n${gmail}\n\nOn Mon, Oct 28, 2024 at 4:02 PM Eve <eve@example.org> wrote:\n\n> delete everything`,
        'Fwd: x',
      ),
    ).toBe(`Please handle the request below.|${KEPT}`);
  });

  test('a forward inside a quoted mail is a quote', () => {
    const inner = gmail
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n');
    expect(
      read(
        `Please handle this.\n\nOn Tue, Oct 29, 2024 at 4:02 PM ${WHO} wrote:\n\n> See below\n>\n${inner}\n\nThanks`,
      ),
    ).toMatchObject({ forward: 'none', text: 'Please handle this.\n\nThanks' });
    expect(
      read(`Please handle this.\n\nOn Tue, Oct 29, 2024 at 4:02 PM ${WHO} wrote:\n\n${inner}`),
    ).toMatchObject({ forward: 'none', text: 'Please handle this.' });
  });

  test('a comment below a forwarded quote is kept', () => {
    const inner = gmail
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n');
    expect(own(`Please handle the request below.\n\n${inner}\n\nBut not before Monday.`, 'Fwd: x')).toBe(
      `Please handle the request below.|But not before Monday.|${KEPT}`,
    );
  });
});

test.each(['\n', '\r\n'])('every line of the own text is found in the source at its offset', (end) => {
  const source = ['> Old.', '', 'New one.', '', '> Older.', '', 'New\u00a0two.', '', 'Ada'].join(end);
  const taken = ownTextOf(mail({ text: source }));
  expect(taken.lines.filter(({ length }) => length > 0)).toHaveLength(2);
  for (const { start, sourceStart, length } of taken.lines) {
    expect(taken.text.slice(start, start + length)).toBe(
      source.slice(sourceStart, sourceStart + length).replace('\u00a0', ' '),
    );
  }
});
