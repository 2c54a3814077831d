import { describe, expect, test } from 'vitest';

import { isAutomatic } from '../../../../src/ingest/understand/intent/automatic.ts';
import { RETURNED_LOOK } from '../../../../src/ingest/understand/intent/returned-mail.ts';
import { RETURNED_MAIL } from '../../../../src/ingest/understand/vocabulary/returned-mail.ts';
import { mail } from '../mail.ts';

const at = (text: string, subject = 'Hello'): boolean => isAutomatic(mail({ subject, text }));
const REQUEST = 'Please delete the workspace acme.\n\nAda';

describe('T53 a returned mail that no field tells', () => {
  test.each([
    ['qmail', 'Hi. This is the qmail-send program at mx.example.org.\nI give up on this one.'],
    ['Exim', 'This message was created automatically by mail delivery software.\nOne address did not work.'],
    ['Postfix', 'This is the mail system at host mx.example.org.\n\nSorry about that.'],
    ['sendmail', 'The original message was received at Mon, 3 Jun 2024 10:00:00 +0000\nfrom [192.0.2.4]'],
    ['Exchange', 'Delivery has failed to these recipients or groups:\n\nbob@example.org'],
    ['Exchange, older', 'Your message did not reach some or all of the intended recipients.'],
    ['Google', 'Delivery to the following recipient failed permanently:\n\n  bob@example.org'],
    ['a read receipt', 'This report relates to a message you sent with the following header fields:'],
    ['a complaint', 'This is an email abuse report for an email message received from 192.0.2.4'],
    ['fr, Exchange', 'Échec de la remise pour ces destinataires ou groupes :\n\nbob@example.org'],
    ['it, Exchange', 'Il recapito non è riuscito per i seguenti destinatari:\n\nbob@example.org'],
    ['ja', '以下のメールアドレスへの送信に失敗しました。'],
  ])('%s, with the request that it returns below it', (_title, text) => {
    expect(at(text)).toBe(true);
    expect(at(`${text}\n\n${REQUEST}`)).toBe(true);
  });

  test.each([
    ['en', 'We are unable to deliver your message.\n\n<bob@example.org>: 550 no such user'],
    ['en, full', 'Could not be delivered to bob@example.org as their mailbox is full.'],
    ['en, late', 'Your message has been delayed. Delivery attempts go on: 4.4.1 timed out'],
    ['de', 'Ihre Nachricht an <bob@example.org> konnte nicht zugestellt werden. Fehlercode 550 5.1.1'],
    ['fr', "Votre message n'a pas pu être remis au destinataire bob@example.org : boîte aux lettres pleine"],
    ['es', 'No se pudo entregar su mensaje al destinatario bob@example.org. 550 5.1.1'],
    ['pt', 'Não foi possível entregar a sua mensagem ao destinatário <bob@example.org>.'],
    ['it', 'Non è stato possibile recapitare il messaggio al destinatario <bob@example.org>.'],
    ['nl', 'Uw bericht kon niet worden bezorgd bij de ontvanger <bob@example.org>.'],
    ['ja', '次のあて先へのメッセージは送信できませんでした。\nbob@example.org メールボックスがいっぱいです'],
  ])('a failure and a detail, %s', (_title, text) => {
    expect(at(text)).toBe(true);
    expect(at(`${text}\n\n${REQUEST}`)).toBe(true);
  });

  test('fields of a report in the text', () => {
    const fields =
      'Reporting-MTA: dns; mx.example.org\nFinal-Recipient: rfc822; bob@example.org\nAction: failed';
    expect(at(`See below.\n\n${fields}\n\n${REQUEST}`)).toBe(true);
    expect(at(`See below.\n\nAction: failed\n\n${REQUEST}`)).toBe(false);
  });
});

describe('people who speak of a returned mail', () => {
  test.each([
    [
      'behind a request',
      'Please delete the workspace acme. Your last mail could not be delivered: 550 5.1.1',
    ],
    ['without a detail', 'My last mail could not be delivered, it seems. What is your postal address?'],
    ['in a quote', 'What does this mean?\n\n> This is the mail system at host mx.example.org.\n> 550 5.1.1'],
    ['as the name of an event', 'Please delete the event "Delivery failed" in the project Mail for 2023.'],
    [
      'of events that failed',
      'Events that failed with status 500 are in the source Web: please remove them.',
    ],
  ])('%s', (_title, text) => {
    expect(at(text)).toBe(false);
  });
});

test('the quick look knows every phrase', () => {
  const { openers, failures, reportFields } = RETURNED_MAIL;
  const missed = [...openers, ...failures, ...reportFields].filter((phrase) => !RETURNED_LOOK.test(phrase));
  expect(missed).toEqual([]);
});
