import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { addMailsCommands } from '../../src/commands/cli-mails.ts';
import { ada, DESK, type MailDesk, newRequest, REQUEST, rawOf, sharedDesk } from '../security/desk.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The command, as a person calls it beside a desk that runs. @returns what it writes to standard output */
async function run({ desk }: MailDesk, ...args: readonly string[]): Promise<Buffer> {
  const { environment } = desk;
  vi.stubEnv('DATABASE_URL', environment.databaseUrl);
  vi.stubEnv('SECRET_KEY', environment.key.toString('base64'));
  vi.stubEnv('IMAP_URL', 'imap://desk:secret@127.0.0.1:1/INBOX');
  vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
  vi.stubEnv('DESK_ADDRESS', DESK);
  vi.stubEnv('PUBLIC_URL', environment.desk.publicUrl);
  const written: Buffer[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(Buffer.from(chunk as Uint8Array));
    return true;
  });
  try {
    const program = new Command();
    addMailsCommands(program);
    await program.parseAsync(['node', 'purgedesk', 'mails', ...args]);
  } finally {
    spy.mockRestore();
  }
  return Buffer.concat(written);
}

/** Signs that steer a terminal, and signs that turn or hide words; line ends aside. */
const STEERING = /[\p{Cc}\p{Cf}]/u;
const shown = (out: Buffer): string => {
  const text = out.toString();
  expect(text.replaceAll('\n', '')).not.toMatch(STEERING);
  return text;
};

const LIST = ['List-Id: <all.lists.example>'];

describe('mails', () => {
  const shared = sharedDesk();

  test('are listed and shown without a sign that steers the terminal, and saved byte for byte', async () => {
    const desk = shared();
    const raw = rawOf({
      from: `"\u202Eada" <${ada}>`,
      subject: 'Deletion \u202E',
      text: `${REQUEST}\n\u001b]0;pwned\u0007\u001b[2J`,
      headers: LIST,
    });
    await desk.write(raw);
    await desk.write(Buffer.from('no header at all'));
    const listed = shown(await run(desk, 'list'));
    expect(listed).toMatch(/\b1 .*ada@acme\.example +automatic +authenticated/);
    expect(listed).toMatch(/\b2 .*no plain author +unreadable +not looked at/);
    expect(listed.indexOf('no plain author')).toBeLessThan(listed.indexOf(ada));
    const read = shown(await run(desk, 'show', '1'));
    expect(read).toContain('waits for one');
    expect(read).toContain('delete source · workspace acme-inc · source Website Prod');
    expect(read).toContain('\\u{1b}');
    expect(JSON.parse(shown(await run(desk, 'show', '1', '--json')))).toMatchObject({
      id: 1,
      evidence: 'authenticated',
      content: { automatic: true, explanation: { understanding: { intent: 'delete' } } },
    });
    expect(shown(await run(desk, 'show', '2'))).toContain('there is no mail header');
    expect((await run(desk, 'show', '1', '--raw')).equals(raw)).toBe(true);
    const { isTTY } = process.stdout;
    process.stdout.isTTY = true;
    await expect(run(desk, 'show', '1', '--raw')).rejects.toThrow('not shown on a terminal');
    process.stdout.isTTY = isTTY;
  });

  test('are opened or seen to, once, and then are off the list', async () => {
    const desk = shared();
    const { id } = await desk.write({ from: ada, text: newRequest(), headers: LIST });
    const order = ['--as', 'Grace', '--reason', 'called \u001b[2J back'];
    const opened = shown(await run(desk, 'open', String(id), ...order));
    expect(opened).toMatch(/^opened PD-\d+: an agent opened it: /);
    await expect(run(desk, 'open', String(id), ...order)).rejects.toMatchObject({
      code: 'PD_USAGE',
      message: `mail ${id}: it has opened its tickets already; nothing was done`,
    });
    expect(shown(await run(desk, 'show', String(id)))).toContain('seen by Grace');
    const unreadable = await desk.write(Buffer.from('no header either'));
    const done = ['done', String(unreadable.id), '--as', 'Grace'];
    expect(shown(await run(desk, ...done))).toContain('off the list');
    await expect(run(desk, ...done)).rejects.toThrow('it waits for nobody');
    expect(shown(await run(desk, 'list'))).not.toMatch(new RegExp(`^(${id}|${unreadable.id}) `, 'm'));
  });
});
