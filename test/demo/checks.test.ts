import { describe, expect, test } from 'vitest';
import { exitCodeOf, makeChecks } from '../../src/commands/demo/checks.ts';
import { closingLines } from '../../src/commands/demo/narrator.ts';

describe('the exit code', () => {
  test('is 0 when everything that was checked holds', () => {
    const checks = makeChecks();
    checks.holds('rows are gone', true, 'never printed');
    checks.equals('the state', 'completed', 'completed');
    expect(exitCodeOf(checks.list)).toBe(0);
    expect(checks.list.map((check) => check.why)).toEqual(['', '']);
  });

  test('is 1 when one of many does not hold, and the reason is kept', () => {
    const checks = makeChecks();
    checks.holds('rows are gone', true, '');
    checks.equals('the state', 'purging', 'completed');
    checks.holds('mails arrived', true, '');
    expect(exitCodeOf(checks.list)).toBe(1);
    expect(checks.list[1]).toEqual({ name: 'the state', ok: false, why: 'purging instead of completed' });
  });

  test('is 1 when nothing was checked', () => {
    expect(exitCodeOf([])).toBe(1);
  });
});

test('a failed check is printed with its reason, and nothing of it steers the terminal', () => {
  const lines = closingLines(
    [
      { name: 'rows are gone', ok: true, why: '' },
      { name: 'mails arrived', ok: false, why: '1 sent\u001b[2J, 0 arrived' },
    ],
    [],
    (_style, text) => text,
  );
  expect(lines).toContain('  ✓ rows are gone');
  expect(lines).toContain('  ✗ mails arrived');
  expect(lines).toContain('      1 sent?[2J, 0 arrived');
});
