import { describe, expect, test } from 'vitest';

import { understand } from '../../../../src/ingest/understand/understand.ts';
import { mail } from '../mail.ts';

const DATE = new Date('2025-03-12T10:00:00Z');

/** The time frames of all requests, and the problems. */
function read(text: string): string {
  const { requests, problems } = understand(mail({ text, date: DATE }));
  const frames = requests.map(({ timeFrame }) =>
    timeFrame === null ? 'null' : `${timeFrame.from ?? ''}..${timeFrame.to ?? ''}`,
  );
  return [...frames, ...problems].join(' ');
}

const ASKED = 'Please delete the data of source "Website" in workspace acme-inc';

describe('which dates are the time frame', () => {
  test.each([
    ['in the sentence that asks', `${ASKED} from 1 to 5 May 2024.`, '2024-05-01..2024-05-05'],
    ['in a sentence behind it', `${ASKED}.\n\nOnly 1 to 5 May 2024 please.`, '2024-05-01..2024-05-05'],
    ['in a form', `${ASKED}.\n\nTime frame: 1 to 5 May 2024`, '2024-05-01..2024-05-05'],
    [
      'in two lines of a form',
      `${ASKED}.\n\nFirst day: 2024-05-01\nLast day: 2024-05-05`,
      '2024-05-01..2024-05-05',
    ],
    ['half of it in a form', `${ASKED}.\n\nFirst day: 2024-05-01`, 'null'],
    [
      'told before',
      `The consent banner was broken from 1 to 5 May 2024. ${ASKED} for that period.`,
      '2024-05-01..2024-05-05',
    ],
    [
      'told before, and another day behind it',
      `The consent banner was broken from 1 to 5 May 2024. ${ASKED} for that period. Our auditor comes on the 11th of June.`,
      '2024-05-01..2024-05-05',
    ],
    [
      'told before as the entire period',
      `The consent banner was broken from 1 to 5 May 2024. ${ASKED} for the entire period.`,
      '2024-05-01..2024-05-05',
    ],
    ['the entire period when none was told', `${ASKED} for the entire period.`, '..'],
    ['two that differ', `${ASKED} from 1 to 5 May 2024 and from 9 to 11 June 2024.`, 'null'],
    ['a deadline', `${ASKED} from 1 to 5 May 2024. Our deadline is 20 March 2025.`, '2024-05-01..2024-05-05'],
    ['a deadline alone', `${ASKED} by 20 March 2025.`, 'null'],
    [
      'a call alone',
      `As agreed in our call on 3 March 2025, please delete source "Website" in workspace acme-inc.`,
      'null',
    ],
    [
      'a contract',
      `${ASKED} from 1 to 5 May 2024, as in our contract of 1 June 2020.`,
      '2024-05-01..2024-05-05',
    ],
    ['what came before the request', `On Monday we noticed it. ${ASKED} since 3 March 2025.`, '2025-03-03..'],
  ])('%s', (_, text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

describe('corrections', () => {
  test.each([
    [
      'one end',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, the end is wrong: I meant 21 June 2024.`,
      '2024-06-03..2024-06-21',
    ],
    [
      'the start',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, the start is wrong: I meant 1 June 2024.`,
      '2024-06-01..2024-06-14',
    ],
    [
      'an end that would run backwards',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, the end is wrong: I meant 1 June 2024.`,
      'null reversed_range',
    ],
    [
      'a day that replaces nobody knows what',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, I meant 21 June 2024.`,
      'null',
    ],
    [
      'the whole frame',
      `${ASKED} from 1 to 30 April 2024.\n\nHm, no: it was May, not April. So 1 to 31 May 2024 please.`,
      '2024-05-01..2024-05-31',
    ],
    [
      'another frame without a word of correction',
      `${ASKED} from 1 to 30 April 2024.\n\nSo 1 to 31 May 2024 please.`,
      'null',
    ],
  ])('%s', (_, text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

describe('days taken out of a frame leave none', () => {
  test.each([
    `${ASKED} for all of 2024 except March.`,
    `${ASKED} for all of 2024 except for the week of 4 March 2024.`,
    `${ASKED} for all of 2024, but not March.`,
    `${ASKED} for all of 2024, not in March 2024.`,
  ])('%s', (text) => {
    expect(read(text)).toBe('null');
  });

  test('what is outside the frame takes nothing out', () => {
    expect(read(`${ASKED} for May 2024, not April.`)).toBe('2024-05-01..2024-05-31');
  });
});

const SAID = 'The source "Website" in workspace acme-inc';

describe('dates of papers and of what was done with the thing are no time frame', () => {
  test.each([
    [
      `The audit of 4 December 2024 says that the source "Website" in workspace acme-inc holds old records. Please dispose of everything from before 1 January 2020 in that source.`,
      '..2019-12-31',
    ],
    [
      `By decision of 12 November 2024 our client must have the data erased that the source "Website" in workspace acme-inc received in September 2024. Please erase these data.`,
      '2024-09-01..2024-09-30',
    ],
    [`By court order of 12 November 2024, ${ASKED.replace('P', 'p')}.`, 'null'],
    [`Under the GDPR of 27 April 2016 ${ASKED.replace('P', 'p')}.`, 'null'],
    [`Following your e-mail of 3 May 2024, ${ASKED.replace('P', 'p')}.`, 'null'],
    [`${ASKED}. Our DPO decided this on 3 May 2024.`, 'null'],
    [`Our reference: 2024-05-03\n\n${ASKED}.`, 'null'],
    [`${SAID} is not used any more since 2021. Please delete its complete history.`, '..'],
    [`${SAID} is not used any more since 2021. Please delete it.`, 'null'],
    [`${SAID} was switched off in March 2024. Please delete all its data.`, 'null'],
    [`${SAID} has been running since March 2022. Please delete its data.`, 'null'],
    ['Please delete the source "Website" in workspace acme-inc that we created in 2021.', 'null'],
    [
      'Please delete the source "Website" in workspace acme-inc, which was switched off in March 2024.',
      'null',
    ],
    [
      'Since March 2022 we use the source "Website" in workspace acme-inc. Please delete its data from 1 to 5 May 2024.',
      '2024-05-01..2024-05-05',
    ],
    [`${SAID} got emails from 3 to 9 May 2024. Please delete them.`, '2024-05-03..2024-05-09'],
    [
      `${SAID} got emails from 3 to 9 May 2024. Please delete the complete history for that period.`,
      '2024-05-03..2024-05-09',
    ],
  ])('%s', (text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

describe('days that are corrected', () => {
  test.each([
    ['Correction, I just looked it up again: it was 6 August 2024, not the 5th.', '2024-08-06..2024-08-06'],
    ['Sorry, it was 6 August 2024, not the 5th.', '2024-08-06..2024-08-06'],
    ['Oops, I meant June 2024.', '2024-06-01..2024-06-30'],
    ['Scratch those dates, I just checked: it was 3 July to 15 July 2024.', '2024-07-03..2024-07-15'],
    ['Actually it was 2 to 6 June 2024.', '2024-06-02..2024-06-06'],
    ['Sorry for the late mail, I was on leave from 1 to 9 March 2025.', '2024-08-05..2024-08-05'],
  ])('%s', (words, reading) => {
    expect(read(`${ASKED} on 5 August 2024.\n\n${words}`)).toBe(reading);
  });
});

describe('more or other days than the frame leave none', () => {
  test.each([
    `${ASKED} from 1 to 5 May 2024. Affected period: 10 to 20 June 2024.`,
    `${ASKED} from 1 to 5 May 2024. PS: the right end is 9 May 2024.`,
    `${ASKED} from 1 to 5 May 2024. Also 9 May 2024.`,
    `${ASKED} from 1 to 5 May 2024. Also everything before 2020.`,
    `${ASKED} from 1 to 5 May 2024 and on the 9th.`,
    `${ASKED} from 1 to 5 May 2024. Also the 9th.`,
    `${ASKED} from 1 to 3 and from 7 to 9 May 2024.`,
    `${ASKED} from the 1st to the 3rd, and then from the 7th to the 9th of May 2024.`,
    `${ASKED} from 1 to 3 May 2024, then again from the 9th to the 11th.`,
  ])('%s', (text) => {
    expect(read(text)).toBe('null');
  });
});

describe('days taken out without a month', () => {
  test.each([
    'for March 2024 except the 12th.',
    'for March 2024, without the 12th.',
    'for March 2024 excluding the 12th and 13th.',
    'for March 2024 except Sundays.',
    'for March 2024, but only the Mondays.',
    'for March 2024. The 12th must stay.',
    'for March 2024. Keep the 12th.',
    'for all of 2024. Keep March 2024.',
    'for all of 2024. Do not delete June 2024.',
  ])('%s', (words) => {
    expect(read(`${ASKED} ${words}`)).toBe('null');
  });

  test('what is taken out at one end leaves a range', () => {
    expect(read(`${ASKED} for all of 2023 except December.`)).toBe('2023-01-01..2023-11-30');
    expect(read(`${ASKED} for all of 2024, excluding Q1 2024.`)).toBe('2024-04-01..2024-12-31');
  });
});

describe('days that count from the mail', () => {
  test.each([
    [`Please delete yesterday's data of source "Website" in workspace acme-inc.`, '2025-03-11..2025-03-11'],
    [
      'Please remove last week from source "Website" in workspace acme-inc. This week is ok.',
      '2025-03-03..2025-03-09',
    ],
    [`${ASKED} for last week (Monday to Sunday).`, '2025-03-03..2025-03-09'],
    [`${ASKED} for last week (Monday to Friday).`, 'null'],
    [
      'Last month the source "Website" in workspace acme-inc logged names. Please delete that month.',
      '2025-02-01..2025-02-28',
    ],
    [
      'Last week we noticed a bug in the source "Website" in workspace acme-inc. Please delete the data of that source.',
      'null',
    ],
    [`${ASKED} for the last three days of February 2024.`, '2024-02-27..2024-02-29'],
    [`${ASKED} for the weekend of 9 and 10 November 2024.`, '2024-11-09..2024-11-10'],
  ])('%s', (text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

describe('days in a line or a sentence of their own', () => {
  const FORM = '\nWorkspace: acme-inc\nSource: Website\nAction: delete';
  test.each([
    [
      `Affected period: 10/23/2024 to 11/04/2024.\n\n${ASKED} for the affected period.`,
      '2024-10-23..2024-11-04',
    ],
    [
      `${ASKED}. From the 1st until the 5th of May 2024, because the form was broken.`,
      '2024-05-01..2024-05-05',
    ],
    [`${ASKED}. From 1 to 5 May 2024 the office was closed.`, 'null'],
    [`Days: all of them${FORM}`, '..'],
    [`Time frame: all of them, since the source was created${FORM}`, '..'],
    [`Days: all except weekends${FORM}`, 'null'],
    [`Date: 2025-03-12\nTime frame: May 2024${FORM}`, '2024-05-01..2024-05-31'],
    [`${ASKED} for all time. A meeting takes place on 18 November 2025.`, '..'],
    [`${ASKED} from 1 to 5 May 2024. We fixed it on the 6th.`, '2024-05-01..2024-05-05'],
    [`From (DD/MM/YYYY): 04/03/2024\nTo (DD/MM/YYYY): 09/04/2024${FORM}`, '2024-03-04..2024-04-09'],
  ])('%s', (text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

describe('other languages', () => {
  test.each([
    [
      'Por favor eliminen todo lo que la fuente "Website" del workspace acme-inc recogió el mes pasado. Desde el día 1 ya funciona bien.',
      '2025-02-01..2025-02-28',
    ],
    [
      'Die Quelle "Website" im Workspace acme-inc wurde im März 2024 abgeschaltet. Bitte löschen Sie sie.',
      'null',
    ],
    [
      'Bitte löschen Sie die Daten der Quelle "Website" im Workspace acme-inc vom 1. bis 3. und vom 7. bis 9. Mai 2024.',
      'null',
    ],
    [
      'Bitte löschen Sie die Daten der Quelle "Website" im Workspace acme-inc für März 2024, außer am 12.',
      'null',
    ],
    [
      'Veuillez supprimer les données de la source "Website" du workspace acme-inc pour mars 2024 sauf le 12.',
      'null',
    ],
    [
      'Par décision du 12 novembre 2024, veuillez supprimer les données de la source "Website" du workspace acme-inc.',
      'null',
    ],
    [
      'Si prega di cancellare i dati della sorgente "Website" del workspace acme-inc dal 1 al 3 e dal 7 al 9 maggio 2024.',
      'null',
    ],
    [
      'Volgens het besluit van 12 november 2024: verwijder de gegevens van de bron "Website" in workspace acme-inc.',
      'null',
    ],
    [
      'Conforme a decisão de 12 de novembro de 2024, apaguem os dados da fonte "Website" do workspace acme-inc.',
      'null',
    ],
  ])('%s', (text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

test('two sources have each its own frame', () => {
  const text = `Please delete in workspace acme-inc:

- source "Website": 1 to 5 May 2024
- source "Kiosk": June 2024`;
  expect(read(text)).toBe('2024-05-01..2024-05-05 2024-06-01..2024-06-30');
});
