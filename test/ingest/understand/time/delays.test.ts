import { expect, test } from 'vitest';
import type { ReadSettings } from '../../../../src/ingest/understand/requests/read-settings.ts';
import { lexiconFor } from '../../../../src/ingest/understand/sentences/lexicon.ts';
import { statementsOf } from '../../../../src/ingest/understand/sentences/statements.ts';
import { isDelayed, namesDayToCome } from '../../../../src/ingest/understand/time/delays.ts';
import { TODAY } from './frames.ts';

function settingsFor(language: string): ReadSettings {
  const lexicon = lexiconFor(language);
  return {
    lexicon,
    topics: new Set(),
    dates: { today: TODAY, order: null, words: lexicon.time },
    corroborated: new Set(),
    targets: new Set(['request']),
    truncated: false,
  };
}

const delays = (text: string, language = 'en'): boolean => {
  const settings = settingsFor(language);
  return statementsOf(text, settings.lexicon).some((each) => isDelayed(each, [], settings));
};

test.each([
  ['Please delete the source Website next Monday.', 'en'],
  ['Please delete the source Website on Monday.', 'en'],
  ['Please delete the source Website tomorrow.', 'en'],
  ['Please delete the data of source Website this weekend.', 'en'],
  ['Please delete it in two weeks.', 'en'],
  ['Please do not start before Monday.', 'en'],
  ["Don't delete it until next week.", 'en'],
])('a later time: %s', (text, language) => {
  expect(delays(text, language)).toBe(true);
});

test.each([
  ['Please delete everything in source Website since Monday.', 'en'],
  ['Please delete source Website from the 1st of this month until today.', 'en'],
  ['Please delete source Website from Monday 3 March 2025 to Friday 7 March 2025.', 'en'],
  ['On Monday I pressed the wrong button, please delete the source Website.', 'en'],
  ['Please delete source Website by Friday.', 'en'],
  ['The erasure requests that we got on Monday are many.', 'en'],
  ['Please delete the workspace acme, we are leaving next Monday.', 'en'],
  ['Bitte löschen Sie die Daten der Quelle Website seit Montag.', 'de'],
  ['Bitte löschen Sie die Daten der Quelle Website vom Montag, 3. März 2025 bis heute.', 'de'],
])('a time frame, a deadline or a telling: %s', (text, language) => {
  expect(delays(text, language)).toBe(false);
});

test('a date still to come is a day to delete on, and one gone by is not', () => {
  const settings = settingsFor('en');
  const comes = (text: string): boolean =>
    statementsOf(text, settings.lexicon).some((each) => namesDayToCome(each, settings));
  expect(comes('Please delete the workspace acme on 3 June 2025.')).toBe(true);
  expect(comes('Please delete the workspace acme on 3 June.')).toBe(true);
  expect(comes('Please delete the workspace acme, closed on 3 June 2024.')).toBe(false);
  expect(comes('Do it on 3 June 2025.')).toBe(true);
  expect(comes('This is for the erasure requests that we received in May.')).toBe(false);
  expect(comes('Please delete the workspace acme, we are leaving on January 2nd.')).toBe(false);
  expect(comes('Please delete the workspace acme, because we move to another tool on 1 April.')).toBe(false);
  expect(comes('In April you deleted the workspace old for us.')).toBe(false);
  expect(comes('A meeting takes place on 18 November.')).toBe(false);
});
