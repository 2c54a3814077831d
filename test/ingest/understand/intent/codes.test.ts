import { describe, expect, test } from 'vitest';

import { understand } from '../../../../src/ingest/understand/understand.ts';
import { mail } from '../mail.ts';

const SUBJECT = 'Re: [PD-12] Please confirm your deletion request';
const read = (text: string, subject = SUBJECT) => understand(mail({ text, subject }));

describe('a code', () => {
  test.each([
    ['Sure thing: 339-104', '339104'],
    ['７０４１５５', '704155'],
    ['Hey, your mail says 118 902. Go for it!\nSent from my phone', '118902'],
    ['Yes we confirm, the number is 556677. Our order no. is 902211.', '556677'],
    ['I have two codes here, 100200 and 300400. Not sure which is the current one.', null],
    [
      'Apologies, ignore the 229911 I sent earlier, that belonged to another ticket. Correct is 229912',
      '229912',
    ],
    ['Verification code: 661002\nCustomer ID: 440112', '661002'],
    ['You may proceed. 905533\n\n--\nAlma Reyes\nTel 600 123 456', '905533'],
    ['Code 121212, please let me know once it is finished.', '121212'],
    ['I confirm. 204060', '204060'],
    ['Here you are: 777 123', '777123'],
    ['> Your code\n993311', '993311'],
    [
      'Hello,\n\nas requested I send you the six-digit number from your message, it is 451889.\n\nKind regards\nJutta',
      '451889',
    ],
    ['The old code 229518 expired, the new one is 640871.', '640871'],
    ['my colleague got 111222, i got 333444, which do you need?', null],
    ['Code 414243 (please call me on 030 445566 if something is unclear)', '414243'],
    ['246810. Thank you for the quick reply yesterday and have a nice weekend!', '246810'],
    ['Confirming with 909 808, and when will it be done?', '909808'],
    ['Done: 313 131', '313131'],
    ['My confirmation code would be 646464, best, Eli', '646464'],
    [
      'Good morning Purgedesk, please find below the code.\n\n829301\n\nBest wishes\nRoy Tan | +65 6123 4567',
      '829301',
    ],
    ['Yes, that was me. Code=550055', '550055'],
    ['The code is not 112233 as I wrote this morning but 332211.', '332211'],
    ['Two mails, two codes: 120000 and 130000. I enter both, pick the right one.', null],
    ['For PD-5019: 717171. Many thanks for your help!', '717171'],
    ['six digits as wanted: 2 4 6 8 1 0', '246810'],
    ['I approve. 838383. If you need anything else, ring me.', '838383'],
    ['The magic number is 272727.', '272727'],
    ['hi there,\n474747\ncheers\nTom', '474747'],
    ['I hereby confirm the deletion with the code 5 8 5 8 5 8.', '585858'],
    ['Please go ahead, code 616161 (I mistyped it before as 616116).', '616161'],
    ['Okay 929292 from my side', '929292'],
    ['Code: ６０４ １１８', '604118'],
    ['first mail said 101010, second mail says 202020', null],
    ['604118', '604118'],
    ['604 118', '604118'],
    ['604-118', '604118'],
    ['６０４１１８', '604118'],
    ['The old code 229518 does not work, the right one: 640871', '640871'],
    ['Sorry, I mistyped the code in my last mail (229518). It should be 640871.', '640871'],
    ['Here is the right one: 640871', '640871'],
    ['Customer no: 200417\nVerification code: 604118', '604118'],
    ['For customer number 200417 the code is 604118.', '604118'],
    ['604118, not 604119', '604118'],
    ['Please ignore my last mail. The code is 604118.', '604118'],
    ['Code 229518 came from another tab. The correct code is 640871.', '640871'],
    ['Project: 604118\nCode: 717171', '717171'],
    ['It is either 118730 or 118370, one of the two.', null],
    ['Codes: 100200, 300400', null],
  ] as const)('%s: %s', (text, code) => {
    expect(read(text)).toMatchObject({ intent: 'verify', code });
  });
});

describe('no code', () => {
  test.each([
    'Our customer number is 200417.',
    'Our invoice 200417 is still open.',
    'You reach me under phone 200417.',
    'Order 200417 has nothing to do with this.',
    'The code 604118 does not work.',
    'The code has not arrived.',
    'Which code do you mean, 604118?',
    'We pay 604 118 $ a year.',
    'Call me on +49 604 118.',
    'It starts on 2024-604118.',
    'What is code 604118 for?',
    'Code 604118, but wait until Ana agrees.',
    'Code 604118. Please cancel.',
    'Please ignore the code 604118.',
  ])('%s', (text) => {
    expect(read(text).intent).not.toBe('verify');
    expect(read(text).code).toBeNull();
  });

  test('in what is no answer to the desk', () => {
    expect(read('Your login code: 604118', 'Login').intent).not.toBe('verify');
  });

  test('that somebody else quotes', () => {
    expect(read('Hello,\n\n> 604118\n').code).toBeNull();
  });
});

test('a code beside a stop stops', () => {
  expect(read('Code 604118. Actually no, forget it.').intent).toBe('cancel');
});

test('a code beside a changed request asks for that', () => {
  expect(read('604118. But please delete only the source "Web" in workspace lumen-labs.').intent).not.toBe(
    'verify',
  );
});

describe('a code in the subject', () => {
  const subject = 'Re: [PD-12] Please confirm -- code 604 118';
  test('counts when the writer points to it', () => {
    expect(read('The code is in the subject line.', subject)).toMatchObject({
      intent: 'verify',
      code: '604118',
    });
  });
  test('does not count otherwise', () => {
    expect(read('Thank you.', subject).code).toBeNull();
  });
});

test('a code has its place in the own text', () => {
  const text = 'Hello, the code is 604118.';
  expect(read(text).evidence).toEqual([{ field: 'code', text: '604118', start: 19, end: 25 }]);
});
