import { Buffer } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ParseOptions, runParse } from '../../src/commands/parse.ts';
import { columnsOf } from '../../src/commands/terminal-text.ts';
import { MESSAGE_BYTES_MAX } from '../../src/domain/raw-header.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parse-'));
});
afterAll(() => rm(folder, { recursive: true }));

const HEAD = [
  'From: Ada Novak <ada@example.org>',
  'To: privacy@desk.example',
  'Date: Wed, 15 May 2024 10:00:00 +0000',
  'Message-ID: <m1@example.org>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
];
const mail = (text: string, subject = 'Deletion'): string =>
  [...HEAD, `Subject: ${subject}`, '', ...text.split('\n'), ''].join('\r\n');

const GOOD = mail('Please delete the workspace acme-inc.');
/** No header at all, so that it is no mail. */
const BAD = Buffer.alloc(0);

async function* inChunks(raw: string | Buffer): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(raw);
  for (let at = 0; at < bytes.length; at += 64) yield bytes.subarray(at, at + 64);
}

async function run(
  input: { files?: readonly string[]; stdin?: string | Buffer },
  options: ParseOptions = {},
) {
  const out: string[] = [];
  const io = { stdin: inChunks(input.stdin ?? ''), out: (text: string) => void out.push(text) };
  const code = await runParse(input.files ?? [], io, options);
  return { code, out, text: out.join('\n') };
}

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const explained = async (text: string, subject?: string): Promise<string> =>
  (await run({ stdin: mail(text, subject) }, { explain: true })).text;

describe('parse', () => {
  test('prints one document for the mail on standard input', async () => {
    const { code, out } = await run({ stdin: GOOD });
    expect(code).toBe(0);
    expect(out).toHaveLength(1);
    expect(out[0]).toContain('\n  "intent": "delete"');
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      intent: 'delete',
      requests: [{ scope: 'workspace', workspace: { slug: 'acme-inc' } }],
    });
  });

  test.each([{ batch: true }, { json: true }, {}])(
    'prints one line a file, in order: %j',
    async (options) => {
      const files = [await file('a.eml', GOOD), await file('b.eml', mail('Thank you!'))];
      const { code, out } = await run({ files }, options);
      expect(code).toBe(0);
      expect(out.map((line) => line.split('\n').length)).toEqual([1, 1]);
      expect(out.map((line) => JSON.parse(line))).toMatchObject([
        { file: files[0], intent: 'delete' },
        { file: files[1], intent: 'other' },
      ]);
    },
  );

  test('says of a file that is not there why, goes on, and ends with 1', async () => {
    const files = [join(folder, 'none.eml'), await file('good.eml', GOOD)];
    const { code, out } = await run({ files }, { batch: true });
    expect(code).toBe(1);
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { file: files[0], error: 'the file cannot be read (ENOENT)' },
      { intent: 'delete' },
    ]);
  });

  test.each([{}, { explain: true, json: true }])(
    'a mail that cannot be read is an error: %j',
    async (options) => {
      const { code, out } = await run({ files: [await file('bad.eml', BAD)] }, options);
      expect(code).toBe(1);
      expect(Object.keys(JSON.parse(out[0] ?? ''))).toEqual(['file', 'error']);
      expect((await run({ stdin: BAD }, options)).code).toBe(1);
    },
  );

  test('reads no more of standard input than is needed to refuse it', async () => {
    let bytes = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      const chunk = Buffer.alloc(1024 * 1024, 'a');
      while (bytes < MESSAGE_BYTES_MAX * 3) {
        bytes += chunk.length;
        yield chunk;
      }
    }
    const out: string[] = [];
    expect(await runParse([], { stdin: endless(), out: (text) => void out.push(text) })).toBe(1);
    expect(bytes).toBeLessThan(MESSAGE_BYTES_MAX + 3 * 1024 * 1024);
  });

  test('prints no sign that steers a terminal, and still the same JSON', async () => {
    const name = 'We\u009bb\u202ePro\u{e0041}d';
    const { out } = await run({
      stdin: mail(`Please delete the source "${name}" of the workspace acme-inc.`),
    });
    expect(out[0]).not.toMatch(/[\u007f-\u009f\u202e]|\u{e0041}/u);
    expect(JSON.stringify(JSON.parse(out[0] ?? ''), null, 2)).toContain(' "source": ');
  });
});

/** The words above each underline: what the columns of its carets hold. */
function underlined(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let above = '';
  for (const line of text.split('\n')) {
    if (!line.startsWith(': ')) {
      above = line;
      continue;
    }
    for (const mark of line.matchAll(/\^+/g)) {
      const label =
        /^ ([^^]+?)(?: {2,}|$)/.exec(line.slice(mark.index + mark[0].length))?.[1] ??
        line.slice(2, mark.index).trim();
      found[label] = columns(above, mark.index, mark.index + mark[0].length);
    }
  }
  return found;
}

function columns(line: string, from: number, to: number): string {
  let at = 0;
  let found = '';
  for (const sign of line) {
    if (at >= from && at < to) found += sign;
    at += columnsOf(sign);
  }
  return found;
}

describe('parse --explain', () => {
  test('underlines the words that led to each field of prose', async () => {
    const text = await explained(
      'Hi,\n\nplease delete the source "Web" in the workspace acme-inc, 1 to 5 March 2024.\n\nThanks\nAda',
    );
    expect(text).toContain('Intent        delete (asks for a deletion)');
    expect(text).toContain('delete source · workspace acme-inc · source Web · days 2024-03-01 to 2024-03-05');
    expect(underlined(text)).toEqual({
      '#1 source': 'Web',
      '#1 workspace': 'acme-inc',
      '#1 timeFrame': '1 to 5 March 2024',
    });
    expect(text).toMatch(/^ {2}request {4}please delete the source .*request "please delete"/m);
    expect(text).not.toContain('Missing');
  });

  test('underlines the values of a form and names what is missing', async () => {
    const text = await explained(
      'Please delete this source:\n\nWorkspace: acme-inc\nSource: Web\nThank you',
      'Data deletion request',
    );
    expect(underlined(text)).toEqual({ '#1 workspace': 'acme-inc', '#1 source': 'Web' });
    expect(text).toMatch(/^ {2}form {7}acme-inc +field workspace/m);
    expect(text).toMatch(/Missing\n {2}#1 timeFrame$/);
  });

  test('says of a denied thing that it is not to be deleted', async () => {
    const text = await explained(
      'Please delete the source "Web" in acme-inc, all time. Do not delete the source "Shop".',
    );
    expect(text).toMatch(/^Not taken\n(?: .*\n)* {2}"Shop" \(source\): is not to be deleted$/m);
    expect(Object.values(underlined(text))).not.toContain('Shop');
  });

  test('marks what was left out, with the reason', async () => {
    const text = await explained(
      'Please delete the workspace acme-inc.\n\nRegards\nAda\n\n' +
        'On Mon, 13 May 2024 at 09:12, Desk <privacy@desk.example> wrote:\n> Which workspace is it?\n> old-one?',
    );
    expect(text).toContain('\n  Please delete the workspace acme-inc.\n');
    expect(text).toContain('|-- a signature, banner or footer\n| Regards\n| Ada\n');
    expect(text).toContain('|-- an older mail, quoted\n| On Mon, 13 May 2024');
    expect(text).toContain('\n| > Which workspace is it?\n| > old-one?\n');
  });

  test('aligns underlines below wide signs', async () => {
    const text = await explained(
      'ワークスペース「acme-inc」のソース「東京ウェブ」の2024年3月1日から3月31日までのデータを削除してください。',
    );
    expect(text).toContain('Language      ja');
    expect(underlined(text)).toMatchObject({ '#1 workspace': 'acme-inc', '#1 source': '東京ウェブ' });
    expect(text).toMatch(/^: {17}\^{8} #1 workspace/m);
    expect(text).toMatch(/^: {37}\^{10} #1 source/m);
  });

  test.each([
    { title: 'an escape', sign: '\u001b[2J', shown: '\\u{1b}[2J' },
    { title: 'an escape of one byte', sign: '\u009b2J', shown: '\\u{9b}2J' },
    { title: 'a turn of the direction', sign: '\u202e', shown: '\\u{202e}' },
    { title: 'a sign without width', sign: '\u200b', shown: '\\u{200b}' },
    { title: 'a letter that cannot be seen', sign: '\u3164', shown: '\\u{3164}' },
    { title: 'a mark of annotations', sign: '\ufff9', shown: '\\u{fff9}' },
    { title: 'a tag', sign: '\u{e0041}', shown: '\\u{e0041}' },
    { title: 'a bell', sign: '\u0007', shown: '\\u{7}' },
  ])('shows $title and never sends it', async ({ sign, shown }) => {
    const hostile = `Please delete the source "We${sign}b" in acme-inc.\n\n> quoted ${sign} text`;
    const text = await explained(hostile, `Hello ${sign.replace(/[^\u0080-\u{fffff}]/gu, '')}`);
    expect(text).toContain(`quoted ${shown} text`);
    expect(text).toContain(`"We${shown}b"`);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
    const json = (await run({ stdin: mail(hostile) }, { explain: true, json: true })).text;
    expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
  });

  test('is never wider than 100 columns', async () => {
    const long = 'Please delete the source "Web" in the workspace acme-inc, from 1 March to 5 March 2024; ';
    const texts = [
      long.repeat(9),
      `削除してください${'。ソース「東京」'.repeat(40)}`,
      'x'.repeat(500),
      `> ${long.repeat(9)}`,
    ];
    for (const each of texts)
      for (const line of (await explained(each, long)).split('\n'))
        expect(columnsOf(line)).toBeLessThanOrEqual(100);
  });

  test('says when text and HTML ask for different things', async () => {
    const parts = [
      'text/plain',
      'Please delete the workspace acme-one.',
      'text/html',
      '<p>Please delete the workspace acme-two.</p>',
    ];
    const raw = [
      ...HEAD.filter((line) => !line.startsWith('Content-')),
      'Subject: Deletion',
      'Content-Type: multipart/alternative; boundary=b',
      '',
      ...[0, 2].flatMap((at) => [
        '--b',
        `Content-Type: ${parts[at]}; charset=utf-8`,
        '',
        parts[at + 1] ?? '',
      ]),
      '--b--',
      '',
    ].join('\r\n');
    const { text } = await run({ stdin: raw }, { explain: true });
    expect(text).toContain('Look at it    text and HTML ask for different things');
    expect(text).toContain(
      '"acme-one" (workspace): the text and the HTML of the mail ask for different things',
    );
    expect(underlined(text)).toEqual({});
  });

  test.each([{ json: true }, { batch: true }])('prints its data as JSON: %j', async (options) => {
    const path = await file('one.eml', GOOD);
    const { code, out } = await run({ files: [path] }, { explain: true, ...options });
    expect(code).toBe(0);
    expect(out.join('').split('\n')).toHaveLength(1);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      file: path,
      language: 'en',
      understanding: { intent: 'delete' },
      fields: [{ field: 'requests.0.workspace', where: 'text', text: 'acme-inc' }],
      statements: [{ role: 'request' }],
    });
  });

  test('says of each file which it is, and which cannot be read', async () => {
    const files = [
      await file('good-one.eml', GOOD),
      await file('bad-one.eml', BAD),
      join(folder, 'no\u001bne.eml'),
    ];
    const { code, out } = await run({ files }, { explain: true });
    expect(code).toBe(1);
    expect(out[0]).toMatch(/good-one\.eml\n\nSubject/);
    expect(out[1]).toMatch(/bad-one\.eml\n\ncannot be read: /);
    expect(out[2]).toContain('no\\u{1b}ne.eml\n\ncannot be read: the file cannot be read (ENOENT)');
  });
});
