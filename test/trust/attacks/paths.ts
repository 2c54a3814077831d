/** T22 to T25: traces, results and seals that the attacker wrote. */

import { sealMessage } from 'mailauth';
import { type Attack, DELETE_ACME, DELETE_GLOBEX } from './attack.ts';
import type { Keyring, SigningKey } from './keyring.ts';
import { letter } from './letter.ts';
import { challenged, codeIgnored, nothing, refused, stranger } from './outcomes.ts';
import { delivered, fromElsewhere, fromEvil, fromHooli } from './post-office.ts';
import { signed, withAbove } from './signature.ts';
import { ADA, CLOCK, DESK, EVE, GWEN, HANA, MX } from './world.ts';

const asAda = letter({ from: `Ada <${ADA}>`, text: DELETE_ACME });
const results = (server: string) =>
  `Authentication-Results: ${server};\r\n\tdkim=pass header.d=acme.example header.i=@acme.example;\r\n\tspf=pass smtp.mailfrom=${ADA};\r\n\tdmarc=pass (p=REJECT) header.from=acme.example`;
const forgedHop = [
  `Received: from mail.acme.example (mail.acme.example [192.0.2.10])`,
  `\tby ${MX} (Postfix) with ESMTPS id 4fW7Qz0000z0`,
  `\tfor <${DESK}>; Tue, 10 Mar 2026 08:57:00 +0000 (UTC)`,
].join('\r\n');

/** ARC as a server would seal it that saw everything pass (RFC 8617). */
async function sealed(mail: Buffer, key: SigningKey): Promise<Buffer> {
  const headers = await sealMessage(mail, {
    signingDomain: key.domain,
    selector: key.selector,
    privateKey: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    authResults: `${key.domain}; dkim=pass header.d=acme.example; spf=pass smtp.mailfrom=${ADA}; dmarc=pass header.from=acme.example`,
    cv: 'none',
    signTime: new Date(CLOCK.getTime() - 240_000),
  });
  return Buffer.concat([headers, mail]);
}

const listed = (keys: Keyring) => {
  const real = signed(asAda, keys('mail.acme.example')).toString('latin1');
  return Buffer.from(`${real}\r\n--\r\nSent through the owners list\r\n`, 'latin1');
};

export const PATHS: readonly Attack[] = [
  {
    id: 'T22',
    name: 'results-of-our-server',
    what: 'Authentication-Results in our own server’s name, below our Received',
    build: () => fromEvil(withAbove(asAda, results(MX))),
    outcome: refused(),
  },
  {
    id: 'T22',
    name: 'results-above-a-forged-received',
    what: 'the same above a Received that looks like ours',
    build: () => fromEvil(withAbove(asAda, results(MX), forgedHop)),
    outcome: refused(),
  },
  {
    id: 'T22',
    name: 'results-of-many-servers',
    what: 'results of big providers, Received-SPF, and scores of filters',
    build: () =>
      fromEvil(
        withAbove(
          asAda,
          results('mx.google.com'),
          results('desk.test'),
          results('MX.DESK.TEST 1'),
          'Received-SPF: pass (mx.desk.test: domain of acme.example designates 203.0.113.66) client-ip=192.0.2.10',
          'X-Spam-Status: No, score=-99.9 required=5.0 tests=DKIM_VALID_AU,SPF_PASS',
          'X-MS-Exchange-Organization-AuthAs: Internal',
          'X-MS-Exchange-Organization-SCL: -1',
          'X-Verified-Sender: yes',
        ),
      ),
    outcome: refused(),
  },
  {
    id: 'T22',
    name: 'results-and-the-code',
    what: 'forged results with the right code in the requester’s name',
    group: 'waiting',
    build: () =>
      fromEvil(
        withAbove(
          letter({ from: GWEN, subject: 'Re: [PD-1042] Please confirm', text: 'My code is 493817.\n' }),
          results(MX).replaceAll('acme', 'globex').replace(ADA, GWEN),
        ),
      ),
    outcome: codeIgnored(GWEN),
  },
  {
    id: 'T23',
    name: 'forged-received-below',
    what: 'a Received that looks like ours, and a Return-Path, below the real one',
    build: () => fromEvil(withAbove(asAda, `Return-Path: <${ADA}>`, forgedHop), EVE),
    outcome: refused(),
  },
  {
    id: 'T23',
    name: 'forged-received-null-path-below',
    what: 'many forged hops and Return-Paths below the real one',
    build: () =>
      fromEvil(
        withAbove(asAda, forgedHop, forgedHop, `Return-Path: <${ADA}>`, forgedHop, `Return-Path: <${ADA}>`),
        EVE,
      ),
    outcome: refused(),
  },
  {
    id: 'T23',
    name: 'helo-is-an-address',
    what: 'HELO is the address literal of the owner’s server',
    build: () =>
      delivered(asAda, { ip: '203.0.113.66', helo: '[192.0.2.10]', reverse: 'unknown', mailFrom: ADA }),
    outcome: refused(),
  },
  {
    id: 'T23',
    name: 'helo-with-brackets',
    what: 'HELO holds a comment with the address of the owner’s server',
    build: () =>
      delivered(asAda, {
        ip: '203.0.113.66',
        helo: 'mail.acme.example (mail.acme.example [192.0.2.10]) by mx.desk.test',
        reverse: 'unknown',
        mailFrom: ADA,
      }),
    outcome: refused(),
  },
  {
    id: 'T23',
    name: 'reverse-name-of-the-owner',
    what: 'reverse DNS claims the owner’s server',
    build: () =>
      delivered(asAda, {
        ip: '203.0.113.66',
        helo: 'mail.acme.example',
        reverse: 'mail.acme.example',
        mailFrom: ADA,
      }),
    outcome: refused(),
  },
  {
    id: 'T23',
    name: 'no-trace-of-ours',
    what: 'no Received of our server at all, only a forged one of another name',
    build: () =>
      withAbove(
        asAda,
        `Return-Path: <${ADA}>`,
        'Received: from mail.acme.example (mail.acme.example [192.0.2.10]) by mx.other.example with ESMTPS; Tue, 10 Mar 2026 08:57:00 +0000',
      ),
    outcome: refused(),
  },
  {
    id: 'T24',
    name: 'arc-by-the-attacker',
    what: 'an ARC chain that holds, sealed by the attacker, says that DMARC passed',
    build: async (keys) => fromEvil(await sealed(asAda, keys('mail.evil.example'))),
    outcome: refused(),
  },
  {
    id: 'T24',
    name: 'arc-by-an-unlisted-forwarder',
    what: 'an owner’s genuine mail with a footer, sealed by a forwarder that nobody listed, under p=reject',
    build: async (keys) => fromElsewhere(await sealed(listed(keys), keys('mail.sender.example'))),
    outcome: refused(),
  },
  {
    id: 'T24',
    name: 'arc-in-words-only',
    what: 'ARC fields in a big provider’s name that were never computed',
    build: () =>
      fromEvil(
        withAbove(
          asAda,
          'ARC-Seal: i=1; a=rsa-sha256; t=1773133000; cv=none; d=google.com; s=arc-20240605; b=AAAA',
          'ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com; s=arc-20240605; h=from:to; bh=AAAA; b=AAAA',
          'ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example',
        ),
      ),
    outcome: refused(),
  },
  {
    id: 'T25',
    name: 'bimi-logo',
    what: 'a brand logo to be fetched from the attacker’s server',
    build: (keys) =>
      fromEvil(
        signed(
          letter({
            from: EVE,
            text: DELETE_GLOBEX,
            below: [
              'BIMI-Selector: v=BIMI1; s=default',
              'BIMI-Location: v=BIMI1; l=http://203.0.113.66/logo.svg',
            ],
          }),
          keys('mail.evil.example'),
        ),
      ),
    outcome: stranger(EVE),
  },
  {
    id: 'T23',
    name: 'null-path-in-an-honest-mail',
    what: 'an owner’s own mail through a sender of notices, with the null path: a machine’s, never answered',
    build: (keys) =>
      fromHooli(
        signed(
          letter({ from: HANA, text: 'Please delete our workspace hooli.\n' }),
          keys('mail.hooli.example'),
        ),
        '',
      ),
    outcome: nothing(['automatic']),
  },
  {
    id: 'OK',
    name: 'owner-under-none-with-forged-results',
    what: 'forged results of failure below our Received do an honest owner no harm',
    build: (keys) =>
      delivered(
        withAbove(
          signed(letter({ from: GWEN, text: DELETE_GLOBEX }), keys('mail.globex.example')),
          `Authentication-Results: ${MX}; dkim=fail; spf=fail; dmarc=fail header.from=globex.example`,
        ),
        { ip: '192.0.2.20', helo: 'mail.globex.example', mailFrom: GWEN },
      ),
    outcome: challenged(GWEN, { must: true }),
  },
];
