import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldAscii, isInCharge, isPlainAddress, roleOf } from '../../src/domain/directory.ts';
import { member, workspace } from '../verify/cast.ts';

const long = (count: number) => 'a'.repeat(count);

describe('T09 a plain address', () => {
  test.each([
    'ada@acme.example',
    'Ada.Lovelace+desk@Acme.Example',
    "o'hara@acme.example",
    'a@b.co',
    '1@2.example',
    'x_y-z=1@sub-domain.acme.example',
    `${long(64)}@acme.example`,
    'ada@xn--bcher-kva.example',
  ])('%s is one', (address) => {
    expect(isPlainAddress(address)).toBe(true);
  });

  test.each([
    { title: 'nothing', address: '' },
    { title: 'no domain', address: 'ada' },
    { title: 'no local part', address: '@acme.example' },
    { title: 'two at signs', address: 'ada@acme.example@evil.example' },
    { title: 'a quoted local part (nodemailer before 7.0.7)', address: '"ada@acme.example x"@evil.example' },
    { title: 'a quoted plain local part', address: '"ada"@acme.example' },
    { title: 'a comment', address: 'ada@acme.example(evil.example)' },
    { title: 'a source route', address: '@evil.example:ada@acme.example' },
    { title: 'angle brackets', address: '<ada@acme.example>' },
    { title: 'a display name', address: 'Ada <ada@acme.example>' },
    { title: 'a group', address: 'team:ada@acme.example;' },
    { title: 'two addresses', address: 'ada@acme.example,bob@acme.example' },
    { title: 'an encoded word', address: '=?utf-8?q?ada?=@acme.example'.replace('=?', '=?"') },
    { title: 'a NUL', address: 'ada\0@acme.example' },
    { title: 'a line end and a header', address: 'ada@acme.example\r\nBcc: eve@evil.example' },
    { title: 'a line end at the end', address: 'ada@acme.example\n' },
    { title: 'a space inside', address: 'ada @acme.example' },
    { title: 'a leading dot', address: '.ada@acme.example' },
    { title: 'a trailing dot', address: 'ada.@acme.example' },
    { title: 'two dots', address: 'ada..l@acme.example' },
    { title: 'a domain literal', address: 'ada@[192.0.2.1]' },
    { title: 'an IPv4 address as domain', address: 'ada@192.0.2.1' },
    { title: 'a domain without a dot', address: 'ada@localhost' },
    { title: 'a domain with a trailing dot', address: 'ada@acme.example.' },
    { title: 'a label that starts with a hyphen', address: 'ada@-acme.example' },
    { title: 'a label that ends with a hyphen', address: 'ada@acme-.example' },
    { title: 'an underscore in the domain', address: 'ada@ac_me.example' },
    { title: 'a Cyrillic letter in the domain', address: 'ada@\u0430cme.example' },
    { title: 'a Kelvin sign', address: 'mi\u212ae@acme.example' },
    { title: 'a dotless i', address: 'm\u0131ke@acme.example' },
    { title: 'a full-width at sign', address: 'ada\uff20acme.example' },
    { title: 'a zero-width space', address: 'ada\u200b@acme.example' },
    { title: 'a bidi override', address: '\u202eada@acme.example' },
    { title: 'a local part of 65 octets', address: `${long(65)}@acme.example` },
    { title: 'a label of 64 octets', address: `ada@${long(64)}.example` },
    {
      title: 'more than 254 octets',
      address: `ada@${[long(60), long(60), long(60), long(60), 'example'].join('.')}`,
    },
    { title: 'a percent hack with a bang path', address: 'evil!ada@acme' },
  ])('$title is none', ({ address }) => {
    expect(isPlainAddress(address)).toBe(false);
  });

  test('hostile lengths are answered at once', () => {
    const started = performance.now();
    for (const address of [`${'a.'.repeat(100_000)}@`, `a@${'a-'.repeat(100_000)}`, '@'.repeat(200_000)]) {
      expect(isPlainAddress(address)).toBe(false);
    }
    // Every one of up to 254 octets that the pattern could chew on.
    for (const address of [`${'a.'.repeat(32)}a@${'a.'.repeat(90)}`, `a@${'a-'.repeat(120)}`]) {
      expect(isPlainAddress(address.slice(0, 254))).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('none has a control character, a space, a bracket or anything beyond ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (noise, at) => {
        const address = 'ada.lovelace@acme.example';
        const mixed = address.slice(0, at) + noise + address.slice(at);
        if (isPlainAddress(mixed)) expect(mixed).toMatch(/^[!-~]+$/);
        if (/[^!-~]|[<>()[\]\\,;:"]/.test(mixed)) expect(isPlainAddress(mixed)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('T10 folding', () => {
  test.each([
    { title: 'ASCII capitals fold', text: 'ADA@Acme.EXAMPLE', folded: 'ada@acme.example' },
    { title: 'a Kelvin sign does not become a k', text: 'mi\u212ae', folded: 'mi\u212ae' },
    { title: 'a dotted capital I stays', text: '\u0130', folded: '\u0130' },
    { title: 'other capitals stay', text: 'ÄÖÜ', folded: 'ÄÖÜ' },
    { title: 'a long s does not become an s', text: '\u017f', folded: '\u017f' },
  ])('$title', ({ text, folded }) => {
    expect(foldAscii(text)).toBe(folded);
  });
});

describe('T10 T11 the role of an address', () => {
  const acme = workspace({
    members: [
      member('ada@acme.example', 'owner'),
      member('mike@acme.example', 'admin'),
      member('gone@acme.example', 'admin', new Date('2026-01-01T00:00:00Z')),
      member('plain@acme.example', 'member'),
    ],
  });
  test.each([
    { title: 'an owner', address: 'ada@acme.example', role: 'owner', inCharge: true },
    { title: 'an owner in capitals', address: 'ADA@ACME.example', role: 'owner', inCharge: true },
    { title: 'a plain member', address: 'plain@acme.example', role: 'member', inCharge: false },
    { title: 'an admin who was removed', address: 'gone@acme.example', role: null, inCharge: false },
    { title: 'a Kelvin sign for a k', address: 'mi\u212ae@acme.example', role: null, inCharge: false },
    { title: 'a plus address', address: 'ada+x@acme.example', role: null, inCharge: false },
    { title: 'a subdomain', address: 'ada@mail.acme.example', role: null, inCharge: false },
    { title: 'white space around it', address: ' ada@acme.example', role: null, inCharge: false },
  ])('$title has the role $role', ({ address, role, inCharge }) => {
    expect(roleOf(acme, address)).toBe(role);
    expect(isInCharge(roleOf(acme, address))).toBe(inCharge);
  });
});
