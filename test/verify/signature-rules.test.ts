import { describe, expect, test } from 'vitest';
import { gradeSignature, type SignatureFacts } from '../../src/verify/signature-rules.ts';

const now = new Date('2026-03-01T10:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000);
const DAY = 86_400;
const NAMES = ['from', 'to', 'subject', 'date'];

const grade = (
  facts: Partial<SignatureFacts>,
  date = now,
  addressed: Readonly<Record<string, string>> = { to: 'support@purgedesk.example' },
) =>
  gradeSignature(
    {
      domain: 'acme.example',
      algorithm: 'rsa-sha256',
      signed: new Set(NAMES),
      limited: false,
      testing: false,
      malformed: false,
      signedAt: now,
      expiresAt: null,
      ...facts,
    },
    {
      fields: [
        { name: 'from', value: 'ada@acme.example' },
        ...Object.entries(addressed).map(([name, value]) => ({ name, value })),
        { name: 'subject', value: 'Deletion' },
        { name: 'date', value: date.toUTCString() },
      ],
      mixedLineEnds: false,
      now,
      deskAddresses: ['support@purgedesk.example'],
    },
  ).kind;

describe('T20 the time of a signature', () => {
  test.each<{ title: string; facts: Partial<SignatureFacts>; date?: Date; kind: string }>([
    { title: 'seven days old to the second', facts: { signedAt: ago(7 * DAY) }, kind: 'good' },
    { title: 'a second older', facts: { signedAt: ago(7 * DAY + 1) }, kind: 'void' },
    { title: 'five minutes ahead', facts: { signedAt: ago(-300) }, kind: 'good' },
    { title: 'a second more', facts: { signedAt: ago(-301) }, kind: 'void' },
    { title: 'it ends now', facts: { expiresAt: now }, kind: 'good' },
    { title: 'it ended a second ago', facts: { expiresAt: ago(1) }, kind: 'void' },
    {
      title: 'it ends later, but is old',
      facts: { signedAt: ago(8 * DAY), expiresAt: ago(-DAY) },
      kind: 'void',
    },
    { title: 'no time, a Date of now', facts: { signedAt: null }, kind: 'good' },
    { title: 'no time, an old Date', facts: { signedAt: null }, date: ago(7 * DAY + 1), kind: 'void' },
    { title: 'no time, a Date ahead', facts: { signedAt: null }, date: ago(-301), kind: 'void' },
    { title: 'a time of now, whatever the Date says', facts: {}, date: ago(30 * DAY), kind: 'good' },
  ])('$title: $kind', ({ facts, date, kind }) => {
    expect(grade(facts, date)).toBe(kind);
  });
});

describe('T19 whom a signed mail was written to', () => {
  const us = 'support@purgedesk.example';
  const them = 'help@other.example';
  test.each([
    { title: 'us', addressed: { to: us }, signed: NAMES, kind: 'good' },
    { title: 'somebody else', addressed: { to: them }, signed: NAMES, kind: 'void' },
    {
      title: 'somebody else, us in a Cc that is covered',
      addressed: { to: them, cc: us },
      signed: [...NAMES, 'cc'],
      kind: 'good',
    },
    {
      title: 'somebody else, us in a Cc that is not',
      addressed: { to: them, cc: us },
      signed: NAMES,
      kind: 'void',
    },
    {
      title: 'nobody that it tells',
      addressed: { to: us },
      signed: ['from', 'subject', 'date'],
      kind: 'weak',
    },
    { title: 'nobody at all', addressed: {}, signed: NAMES, kind: 'void' },
  ])('$title: $kind', ({ addressed, signed, kind }) => {
    expect(grade({ signed: new Set(signed) }, now, addressed)).toBe(kind);
  });
});
