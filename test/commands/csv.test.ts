import { describe, expect, test } from 'vitest';
import { csv } from '../../src/commands/csv.ts';
import { runCommand } from '../flow/desk-process.ts';
import { openMailDesk } from '../security/desk.ts';

describe('T62 a cell', () => {
  test.each([
    { text: '=HYPERLINK("http://evil.example","x")', cell: `"'=HYPERLINK(""http://evil.example"",""x"")"` },
    { text: '+1+1', cell: `"'+1+1"` },
    { text: '-2+3', cell: `"'-2+3"` },
    { text: '@SUM(A1)', cell: `"'@SUM(A1)"` },
    { text: '\t=1', cell: `"'?=1"` },
    { text: '\r=1', cell: `"'?=1"` },
    { text: '\n=1', cell: `"'?=1"` },
    { text: '  =1', cell: `"'  =1"` },
    { text: '\uff1d1', cell: `"'\uff1d1"` },
    { text: 'a,b;"c"', cell: `"a,b;""c"""` },
    { text: 'a\r\n=1,2', cell: '"a??=1,2"' },
    { text: '\u202eevil', cell: '"?evil"' },
    { text: 'Acme Inc', cell: '"Acme Inc"' },
    { text: '', cell: '""' },
  ])('$text is written as $cell', ({ text, cell }) => {
    expect(csv(['head'], [[text]])).toBe(`"head"\r\n${cell}\r\n`);
  });
});

test('T62 the list of tickets for a spreadsheet holds no formula, whoever wrote and whatever the workspace is called', async () => {
  await using desk = await openMailDesk();
  await desk.desk.db('workspaces').where({ id: 'wsAcme0001' }).update({ name: '=cmd|"/c calc"!A1' });
  await desk.write({ from: '=1+1@evil.example', text: 'Please delete the workspace acme-inc.' });
  await desk.write({ from: 'ada@acme.example', text: 'Please delete the workspace acme-inc.' });
  const settings = {
    DATABASE_URL: desk.desk.environment.databaseUrl,
    IMAP_URL: 'imap://desk:x@127.0.0.1:9/INBOX',
    SMTP_URL: 'smtp://127.0.0.1:9',
    DESK_ADDRESS: 'desk@desk.example',
    PUBLIC_URL: 'http://127.0.0.1:8080',
    SECRET_KEY: '07'.repeat(32),
  };
  const { code, output } = await runCommand(settings, 'tickets', 'list', '--csv');
  expect([code, output.split('\r\n').length]).toEqual([0, 4]);
  expect(output).toContain(`"'=1+1@evil.example"`);
  expect(output).toContain('=cmd|');
  for (const cell of output.split(/,(?=")|\r\n/).filter(Boolean))
    expect(cell).toMatch(/^"(?![=+\-@\s])[\s\S]*"$/);
});
