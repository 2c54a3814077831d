import { describe, expect, test } from 'vitest';
import { needNoSandbox, rolesOf } from '../../src/commands/roles.ts';

describe('serve --role', () => {
  test.each([
    [undefined, ['ingest', 'work', 'web']],
    ['work', ['work']],
    ['ingest, web', ['ingest', 'web']],
    ['web,work,ingest,web', ['ingest', 'web', 'work']],
  ])('%s', (written, roles) => {
    expect([...rolesOf(written)].sort()).toEqual([...roles].sort());
  });

  test.each(['poller', '', 'ingest,', 'Work', 'all'])('refuses "%s" in one clear line', (written) => {
    expect(() => rolesOf(written)).toThrow(
      expect.objectContaining({
        code: 'PD_USAGE',
        message: expect.stringMatching(/^--role knows ingest, work, web, and not /) as unknown,
      }),
    );
  });

  test('leaves the sandbox whole', () => {
    const nothing = { hasDatabase: false, hasMail: false };
    expect(() => needNoSandbox(rolesOf(undefined), nothing)).not.toThrow();
    expect(() => needNoSandbox(rolesOf('work'), { hasDatabase: true, hasMail: true })).not.toThrow();
    expect(() => needNoSandbox(rolesOf('work'), nothing)).toThrow(
      'needs DATABASE_URL, IMAP_URL and SMTP_URL',
    );
    expect(() => needNoSandbox(rolesOf('ingest,work'), { hasDatabase: true, hasMail: false })).toThrow(
      'needs IMAP_URL and SMTP_URL',
    );
  });
});
