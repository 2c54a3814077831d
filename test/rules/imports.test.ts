import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { breaches, importsOf, PURE, type SourceFile, withoutComments } from './layers.ts';

const SRC = new URL('../../src/', import.meta.url);

async function sources(): Promise<SourceFile[]> {
  const names = await readdir(SRC, { recursive: true });
  const paths = names.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('.ts'));
  return Promise.all(
    paths.sort().map(async (path) => ({ path, text: await readFile(new URL(path, SRC), 'utf8') })),
  );
}

describe('the source', () => {
  test('breaks no layer rule', async () => {
    expect(breaches(await sources())).toEqual([]);
  });

  test('has a file for every pattern of decisions', async () => {
    const paths = (await sources()).map((file) => file.path);
    expect(PURE.filter((pattern) => !paths.some((path) => pattern.test(path)))).toEqual([]);
  });

  test('has imports that are seen: as many as lines that look like one', async () => {
    for (const { path, text } of await sources()) {
      const looks = withoutComments(text).match(/^ *(import|export)\b.*|^\} from /gm) ?? [];
      const expected = looks.filter((line) => /(from |^ *import )['"][^'"]+['"]|^\} from /.test(line)).length;
      expect(importsOf(text).filter((found) => found.kind !== 'dynamic').length, path).toBe(expected);
    }
  });
});

describe('the rule refuses', () => {
  test('finding nothing', () => {
    expect(breaches([])).toEqual(['no source file was found']);
  });

  test.each([
    ['domain/ticket.ts', "import { x } from '../ingest/mailbox.ts';"],
    ['domain/ticket.ts', "import { readFile } from 'node:fs';"],
    ['domain/ids.ts', "import { createHash } from 'node:crypto';"],
    ['domain/ids.ts', "import { z } from 'zod';"],
    ['ingest/mailbox.ts', "import type { X } from '../verify/judge.ts';"],
    ['tickets/ticket-store.ts', "import { x } from '../reply/outbox.ts';"],
    ['console/server.ts', "export * from '../tickets/ticket-store.ts';"],
    ['purge/run-purge.ts', "import {\n  a,\n  b,\n} from '../directory/lookups.ts';"],
    ['reply/outbox.ts', "import { loadConfig } from '../config.ts';"],
    ['db/jobs.ts', "import { x } from '../tickets/tick.ts';"],
    ['sandbox/sandbox.ts', "import { x } from '../purge/plan.ts';"],
    ['ingest/ports.ts', "const x = await import('../sandbox/sandbox.ts');"],
    ['db/connection.ts', "import { x } from '../sandbox/postgres.ts';"],
    ['commands/demo.ts', "import { startSandbox } from '../sandbox/sandbox.ts';"],
    ['config.ts', "const x = await import('./sandbox/sandbox.ts');"],
    ['extra.ts', "import { x } from './ingest/mailbox.ts';"],
    ['commands/serve.ts', 'const x = await import(name);'],
    ['commands/serve.ts', "import { x } from '../ingest/mailbox.js';"],
    ['commands/serve.ts', "import { x } from '../../test/support/database.ts';"],
    ['ingest/poll.ts', "import { ImapFlow } from 'imapflow';"],
    ['ingest/poll.ts', "import type { ImapFlow } from 'imapflow';"],
    ['reply/outbox.ts', "import nodemailer from 'nodemailer';"],
    ['verify/judge.ts', "import { x } from 'mailauth/lib/parse-dkim-headers';"],
    ['ingest/ingest-message.ts', "import { simpleParser } from 'mailparser';"],
    ['reply/views.ts', "import Handlebars from 'handlebars';"],
    ['tickets/tick.ts', "import { run } from 'graphile-worker';"],
    ['tickets/tick.ts', "import helmet from '@fastify/helmet';"],
    ['tickets/tick.ts', "import knex, { type Knex } from 'knex';"],
    ['tickets/tick.ts', "import 'left-pad';"],
    ['tickets/transition.ts', "import { readFileSync } from 'node:fs';"],
    ['ingest/understand/dates.ts', 'export const today = () => new Date();'],
    ['ingest/understand/dates.ts', 'const now = Date.now();'],
    ['purge/plan.ts', 'const id = randomUUID();'],
    ['purge/receipt.ts', 'const { a } = process.env;'],
    ['verify/judge.ts', 'const r = Math.random();'],
    ['reply/views.ts', 'const t = performance.now();'],
    ['tickets/policy.ts', 'const r = await fetch(url);'],
  ])('%s with %s', (path, text) => {
    const found = breaches([{ path, text }]);
    expect(found).not.toEqual([]);
    expect(found.every((breach) => breach.startsWith(`${path}: `))).toBe(true);
  });

  test('I/O that a decision reaches through another file', () => {
    const files = [
      { path: 'tickets/transition.ts', text: "import { x } from './store.ts';" },
      { path: 'tickets/store.ts', text: "import { readFile } from 'node:fs/promises';" },
    ];
    expect(breaches(files)).toEqual([
      'tickets/transition.ts: a decision reaches node:fs/promises through tickets/store.ts',
    ]);
  });
});

describe('the rule accepts', () => {
  test.each([
    ['domain/canonical.ts', "import { createHash } from 'node:crypto';"],
    [
      'ingest/imap/session.ts',
      "import { ImapFlow } from 'imapflow';\nimport { x } from '../../domain/errors.ts';",
    ],
    [
      'ingest/mailbox-store.ts',
      "import type { Knex } from 'knex';\nimport { d } from '../db/connection.ts';",
    ],
    ['tickets/transition.ts', "import type { Knex } from 'knex';\nconst day = new Date(now);"],
    ['tickets/transition.ts', '// new Date() would read the clock\n/* Math.random */ const x = 1;'],
    [
      'commands/environment.ts',
      "import type { S } from '../sandbox/sandbox.ts';\nawait import('../sandbox/sandbox.ts');",
    ],
    ['main.ts', "import { a } from './ingest/mailbox.ts';\nimport { b } from './reply/outbox.ts';"],
    ['reply/words.ts', 'export const text = \'imports from "imapflow" are fine in a text\';'],
  ])('%s with %s', (path, text) => {
    expect(breaches([{ path, text }])).toEqual([]);
  });
});

test('every form of import is read', () => {
  const text = `
import a from 'value-default';
import * as b from "value-star";
import c, { type D } from 'value-mixed';
import { type E, f } from 'value-named';
import { type G, type H } from 'type-members';
import type { I } from 'type-named';
import type J from 'type-default';
import type * as K from 'type-star';
import 'value-bare';
export { l } from 'value-export';
export * from 'value-export-star';
export type { M } from 'type-export';
export const from = 'no-import';
const n = await import('dynamic-literal');
const o = import(\`dynamic-\${n}\`);
// import p from 'commented';
`;
  const found = importsOf(text);
  for (const { specifier, kind } of found) {
    if (specifier !== null) expect(specifier.startsWith(`${kind}-`), specifier).toBe(true);
  }
  expect(found).toHaveLength(14);
});
