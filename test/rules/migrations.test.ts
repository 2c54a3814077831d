/** Old and new versions run side by side over a migration, so what an older one uses stays: docs/upgrading.md. */
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../migrations/', import.meta.url);
/** Those before were made when there was no release yet. */
const RULED_FROM = '20261123000000';
/** Grow with every mail: to build an index on one of them while nothing can write would stop the desk for minutes. */
const LARGE = ['messages', 'tickets', 'outbox', 'ticket_events', 'parties', 'challenges'];
/** Their indexes are built before the first release, on tables that nobody has filled yet. */
const BEFORE_THE_FIRST_RELEASE = ['20261123000000_index_open_codes', '20261123000700_look_up_sets'];

/** Why a migration would break or stop a program that runs beside it. */
function faultsOf(name: string, text: string): readonly string[] {
  if (/^\d{14}_contract_/.test(name) || BEFORE_THE_FIRST_RELEASE.includes(name)) return [];
  const up = text.slice(text.indexOf('function up'), text.indexOf('function down'));
  const sql = up.replace(/\$\$[\s\S]*?\$\$/g, "''").replace(/'(?:[^']|'')*'/g, "''");
  return sql.split(';').flatMap((statement) => statementFaults(name, statement.toLowerCase(), up));
}

function statementFaults(name: string, statement: string, up: string): readonly string[] {
  const faults: string[] = [];
  const say = (what: string) => faults.push(`${name}: ${what}`);
  const isMadeHere = (table: string) => new RegExp(`create table ${table}\\b`, 'i').test(up);
  if (/\b(drop (table|function|view)|truncate|rename)\b/.test(statement)) say('takes something away');
  const altered = /\balter table (\w+)([\s\S]*)/.exec(statement);
  if (altered !== null && !isMadeHere(altered[1]!)) {
    const clauses = altered[2]!.split(/,(?![^(]*\))/);
    if (clauses.some((clause) => /\b(drop|set not null|type)\b/.test(clause.replace(/^\s*add\b.*/s, ''))))
      say('changes what is there');
    for (const clause of clauses) {
      if (/^\s*add (?!constraint)/.test(clause) && /\bnot null\b/.test(clause) && !/\bdefault\b/.test(clause))
        say('adds a column that an older program does not fill');
      if (/^\s*add constraint\b/.test(clause) && !/\bnot valid\b/.test(clause) && LARGE.includes(altered[1]!))
        say('checks all rows of a large table under a lock');
    }
  }
  const indexed = /\bcreate (unique )?index (concurrently )?\w+ on (\w+)[\s\S]*/.exec(statement);
  if (indexed !== null && indexed[2] === undefined && LARGE.includes(indexed[3]!)) {
    // An index of what hardly any row is costs one reading of the table.
    if (!/\bwhere\b/.test(indexed[0])) say(`builds an index of all ${indexed[3]} under a lock`);
  }
  return faults;
}

test('F24 what an older program uses stays', async () => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts') && file >= RULED_FROM);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files)
    expect(faultsOf(file.replace(/\.ts$/, ''), await readFile(new URL(file, FOLDER), 'utf8'))).toEqual([]);
});

test('F24 the rule finds what it is about', () => {
  const up = (sql: string) => `export async function up(db) { \`${sql}\` } export async function down() {}`;
  const found = (sql: string, name = '20990101000000_x') => faultsOf(name, up(sql)).length;
  for (const sql of [
    'alter table tickets drop column due_at',
    'alter table tickets rename due_at to due',
    'alter table tickets add due date, alter column scope set not null',
    'alter table tickets alter column scope type integer',
    'alter table tickets add column due date not null',
    'drop table holds',
    'create index messages_size on messages (size_bytes)',
    'alter table tickets add constraint due check (due_at is not null)',
  ]) {
    expect([sql, found(sql)]).toEqual([sql, 1]);
    expect(found(sql, '20990101000000_contract_x')).toBe(0);
  }
  for (const sql of [
    "alter table tickets add column due date, add column n integer not null default 0; comment on table tickets is 'drop table'",
    'create table things (id bigint not null); create index things_id on things (id); alter table things alter column id set not null',
    'create index concurrently messages_size on messages (size_bytes)',
    'create function f() returns trigger language plpgsql as $$ begin drop table x; end $$',
    'update tickets set estimate = 0; delete from clock_witnesses',
  ]) {
    expect([sql, found(sql)]).toEqual([sql, 0]);
  }
});
