/** docs/operations.md and docs/alerts.yml, beside what the program knows. Metrics: test/console/api-pages.test.ts. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ALARM_CODES, ALARMS, DUTIES } from '../../src/commands/watch/alarms.ts';

const text = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

/** As the web shows headings: lower case, spaces as hyphens, everything else gone but letters, digits, _ and -. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .trim()
    .replace(/ /g, '-');

const headingsOf = (markdown: string) =>
  [...markdown.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading);

describe('docs/operations.md', () => {
  test('has a runbook for each alarm, and for no other', async () => {
    const markdown = await text('docs/operations.md');
    const books = markdown
      .split(/^### /m)
      .slice(1)
      .map((book) => [book.split('\n', 1)[0], book] as const);
    expect(books.map(([code]) => code).sort()).toEqual([...ALARM_CODES].sort());
    for (const [code, book] of books) {
      expect([code, book.includes('**Means:**'), book.includes('**Do:**')]).toEqual([code, true, true]);
    }
  });

  test('lists each duty and when it is late', async () => {
    const rows = [
      ...(await text('docs/operations.md')).matchAll(
        /^\| `([a-z]+(?:\.[a-z]+)?)` \| [^|]+ \| (\d+) (min|h) \|$/gm,
      ),
    ];
    const seconds = rows.map(([, duty, count, unit]) => [duty, Number(count) * (unit === 'h' ? 3_600 : 60)]);
    expect(Object.fromEntries(seconds)).toEqual(DUTIES);
  });

  test('lists each reason for which a process is not ready', async () => {
    const source = await text('src/commands/watch/watchman.ts');
    const union = /export type Unready =([^;]+);/.exec(source)?.[1] ?? '';
    const reasons = [...union.matchAll(/'([a-z_]+)'/g)].map(([, reason]) => reason);
    const part = (await text('docs/operations.md')).split('## Readiness')[1]?.split('\n## ')[0] ?? '';
    expect([...part.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, reason]) => reason)).toEqual(reasons);
  });
});

describe('docs/alerts.yml', () => {
  test('has rules on metrics, alarms and runbooks that exist, and speaks of each alarm', async () => {
    const { groups } = parse(await text('docs/alerts.yml')) as { groups: { rules: Rule[] }[] };
    const rules = groups.flatMap((group) => group.rules);
    const markdown = await text('docs/operations.md');
    const metrics = [...markdown.matchAll(/^\| `(purgedesk_[a-z_]+)` \|/gm)].map(([, name]) => name ?? '');
    const anchors = headingsOf(markdown).map(anchorOf);
    const spokenOf = new Map<string, string>();
    for (const { alert, expr, labels, annotations, ...rule } of rules) {
      const used = [...expr.matchAll(/purgedesk_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
      expect([alert, used.filter((name) => !metrics.includes(name))]).toEqual([alert, []]);
      expect([alert, used.length > 0, rule.for]).toEqual([alert, true, expect.stringMatching(/^\d+m$/)]);
      expect(annotations.summary.length).toBeGreaterThan(10);
      const [file, anchor = ''] = annotations.runbook.split('#');
      expect([alert, file, anchors.includes(anchor)]).toEqual([alert, 'docs/operations.md', true]);
      for (const code of /alarm=~"([a-z_|]+)"/.exec(expr)?.[1]?.split('|') ?? [])
        spokenOf.set(code, labels.severity);
    }
    const wanted = ALARM_CODES.map((code) => [code, ALARMS[code] === 'problem' ? 'page' : 'ticket']);
    expect(Object.fromEntries(spokenOf)).toEqual(Object.fromEntries(wanted));
  });
});
