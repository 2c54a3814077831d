import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ownTextOf } from '../../../../src/ingest/understand/own-text/own-text.ts';
import { mail } from '../mail.ts';

const read = (text: string, html: string, mediaType = 'multipart/alternative') =>
  ownTextOf(mail({ text, html, mediaType }));

const OUTLOOK = (body: string): string =>
  `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--\np.MsoNormal{margin:0cm;font-size:11.0pt;}\n--></style></head><body lang="EN-GB"><div class="WordSection1">${body}</div></body></html>`;
const MSO = (text: string): string => `<p class="MsoNormal">${text}<o:p></o:p></p>`;

describe('T32: two bodies that say the same do not disagree', () => {
  test.each([
    [
      'Gmail',
      'Please delete workspace acme.\n\nAda',
      '<div dir="ltr">Please delete workspace acme.<div><br></div><div>Ada</div></div>',
    ],
    [
      'Gmail, bold, links and a list',
      'Please delete *acme-inc* (see our page <https://example.org/a?b=1>):\n\n   - Web\n   - App 2',
      '<div dir="ltr">Please delete <b>acme-inc</b> (see <a href="https://example.org/a?b=1">our page</a>):<ul><li>Web</li><li>App 2</li></ul></div>',
    ],
    [
      'Gmail with its quote',
      'Yes, 2024.\n\nOn Tue, Oct 29, 2024 at 4:02 PM Desk <d@example.org> wrote:\n\n> delete\n> old',
      '<div dir="ltr">Yes, 2024.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, Oct 29, 2024 at 4:02 PM Desk &lt;<a href="mailto:d@example.org">d@example.org</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">delete<br>old</blockquote></div>',
    ],
    [
      'Gmail with its signature',
      'Yes.\n\n-- \nAda Novak\nExample <https://example.org>\n[image: Logo]',
      '<div dir="ltr">Yes.<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature"><b>Ada Novak</b><br><a href="https://example.org">Example</a><img alt="Logo" src="x"></div></div>',
    ],
    [
      'Outlook',
      'Please delete acme.\r\n\r\nKind regards\r\nAda Novak | Example\r\n[cid:image001.png@01DB2A00]\r\n',
      OUTLOOK(
        MSO('Please delete acme.') +
          MSO('&nbsp;') +
          MSO('Kind regards') +
          MSO('<b>Ada Novak</b> | Example') +
          MSO('<img src="cid:image001.png@01DB2A00">'),
      ),
    ],
    [
      'Outlook with a link',
      'See acme<https://app.example.org/acme> please.',
      OUTLOOK(MSO('See <a href="https://app.example.org/acme">acme</a> please.')),
    ],
    [
      'Outlook with its quote',
      'No.\n\nFrom: Desk <d@example.org>\nSent: Tuesday, October 29, 2024 4:02 PM\nTo: Ada <ada@example.org>\nSubject: x\n\ndelete it',
      OUTLOOK(
        `${MSO('No.')}<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">${MSO('<b>From:</b> Desk &lt;d@example.org&gt;<br><b>Sent:</b> Tuesday, October 29, 2024 4:02 PM<br><b>To:</b> Ada &lt;ada@example.org&gt;<br><b>Subject:</b> x')}</div></div>${MSO('delete it')}`,
      ),
    ],
    [
      'Outlook on the web',
      'No.\n________________________________\nFrom: Desk <d@example.org>\nSent: Tuesday, October 29, 2024 4:02 PM\nTo: Ada <ada@example.org>\nSubject: x\n\ndelete it',
      '<div class="elementToProof">No.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri" color="#000000"><b>From:</b> Desk &lt;d@example.org&gt;<br><b>Sent:</b> Tuesday, October 29, 2024 4:02 PM<br><b>To:</b> Ada &lt;ada@example.org&gt;<br><b>Subject:</b> x</font></div><div>delete it</div>',
    ],
    [
      'Apple',
      'Yes, acme.\n\n> On 29 Oct 2024, at 16:02, Desk <d@example.org> wrote:\n> \n> delete',
      '<html><head></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space;">Yes, acme.<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On 29 Oct 2024, at 16:02, Desk &lt;d@example.org&gt; wrote:</div><br><div>delete</div></blockquote></div><br></body></html>',
    ],
    [
      'Thunderbird',
      'Yes, acme.\n\nOn 29/10/2024 16:02, Desk wrote:\n> delete',
      '<p>Yes, acme.</p><div class="moz-cite-prefix">On 29/10/2024 16:02, Desk wrote:<br></div><blockquote type="cite" cite="mid:x"><pre class="moz-quote-pre">delete</pre></blockquote>',
    ],
    [
      'Yahoo',
      'Yes, acme.\n\n    On Tuesday, October 29, 2024 at 04:02:11 PM GMT+1, Desk <d@example.org> wrote:  \n \n delete',
      '<div class="yahoo-style-wrap">Yes, acme.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Tuesday, October 29, 2024 at 04:02:11 PM GMT+1, Desk &lt;d@example.org&gt; wrote:</div><div><br></div><div>delete</div></div>',
    ],
    [
      'Proton',
      'Yes, acme.\n\nSent with Proton Mail secure email.\n\nOn Tuesday, October 29th, 2024 at 4:02 PM, Desk <d@example.org> wrote:\n\n> delete',
      '<div style="font-family: Arial, sans-serif; font-size: 14px;">Yes, acme.</div><div class="protonmail_signature_block">Sent with Proton Mail secure email.</div><div class="protonmail_quote">On Tuesday, October 29th, 2024 at 4:02 PM, Desk &lt;d@example.org&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">delete</blockquote></div>',
    ],
    [
      'wrapping, dashes, no-break spaces and curly quotes',
      "Please don't delete\nacme - only Web.",
      '<p>Please don’t delete&nbsp;acme – only “Web”.</p>',
    ],
    [
      'capitals of a converter',
      'DELETION REQUEST\n\nWorkspace: acme',
      '<h1>Deletion request</h1><p>Workspace: acme</p>',
    ],
    [
      'a table of two columns',
      'Workspace\tacme\nSource\tWeb',
      '<table><tr><td>Workspace</td><td>acme</td></tr><tr><td>Source</td><td>Web</td></tr></table>',
    ],
    [
      'a table with a header',
      'Workspace\nSource\nDays\nacme\nWeb\n2024',
      '<table><tr><th>Workspace</th><th>Source</th><th>Days</th></tr><tr><td>acme</td><td>Web</td><td>2024</td></tr></table>',
    ],
    [
      'a picture’s name',
      'Delete acme.\n\n[A screenshot of the page]',
      '<p>Delete acme.</p><img alt="A screenshot of the page">',
    ],
    [
      'a slogan below, in the HTML only',
      'Delete acme.\n\nAda',
      '<p>Delete acme.</p><p>Ada</p><p>Proud partner of the arts</p>',
    ],
    [
      'soft hyphens and zero-width spaces',
      'Delete workspace acme',
      '<p>Delete work&shy;space ac&#8203;me</p>',
    ],
    ['composed and decomposed letters', 'Löschen Sie acme', '<p>Lo\u0308schen Sie acme</p>'],
  ])('%s', (_title, text, html) => {
    expect(read(text, html).disagreement).toBeNull();
  });
});

describe('T32: two bodies that differ in what is to go', () => {
  test.each([
    ['another name', 'Please delete acme.', '<p>Please delete globex.</p>'],
    ['another sign in a name', 'Please delete acme-inc.', '<p>Please delete acme_inc.</p>'],
    ['a dropped sign in a name', 'Please delete acme-inc.', '<p>Please delete acmeinc.</p>'],
    ['another case in an ID', 'Delete 9f8KqLw2Zr.', '<p>Delete 9f8kqlw2zr.</p>'],
    ['another number', 'Delete May 2023.', '<p>Delete May 2024.</p>'],
    ['another day order', 'Delete 2024-03-04', '<p>Delete 2024-04-03</p>'],
    ['a "not" more', 'Please do not delete acme.', '<p>Please do delete acme.</p>'],
    [
      'a "not" that has moved',
      'Do not delete acme. Delete globex.',
      '<p>Delete acme. Do not delete globex.</p>',
    ],
    ['a German "not" more', 'Bitte acme löschen.', '<p>Bitte acme nicht löschen.</p>'],
    ['a second thing', 'Delete acme.', '<p>Delete acme and globex.</p>'],
    ['a paragraph that asks for more', 'Delete acme.', '<p>Delete acme.</p><p>Also remove the rest</p>'],
    ['a paragraph that denies', 'Delete acme.\n\nNo, keep it', '<p>Delete acme.</p>'],
    ['an HTML without the request', 'Delete acme.', '<p>Hello</p>'],
    [
      'words that the HTML hides',
      'Delete acme. Also delete globex.',
      '<p>Delete acme. <span style="display:none">Also delete globex.</span></p>',
    ],
    [
      'words in white',
      'Delete acme and globex.',
      '<p>Delete acme <font color="#ffffff">and globex</font>.</p>',
    ],
    [
      'words that a style sheet hides',
      'Delete acme, not globex.',
      '<style>.a{font-size:0}</style><p>Delete acme<span class="a">, not globex</span>.</p>',
    ],
    [
      'own in one and quoted in the other',
      'Delete acme.',
      '<p>Hi</p><blockquote type="cite">Delete acme.</blockquote>',
    ],
    ['own and nothing but a quote', 'Delete acme.', '<blockquote>Delete acme.</blockquote>'],
    ['words and nothing but a quote', 'acme please', '<blockquote>acme please</blockquote>'],
    ['a code', 'The code is 493817', '<p>The code is 493871</p>'],
    [
      'a link target that the HTML does not have',
      'Delete this (https://app.example.org/globex)',
      '<p>Delete <a href="https://app.example.org/acme">this</a></p>',
    ],
    ['Japanese', 'acmeを削除してください', '<p>acmeを削除しないでください</p>'],
  ])('%s', (_title, text, html) => {
    expect(read(text, html).disagreement).not.toBeNull();
  });

  test('tells the words, and not more than a few', () => {
    expect(read('Delete acme.', '<p>Delete globex.</p>').disagreement).toEqual({
      onlyInText: ['acme'],
      onlyInHtml: ['globex'],
    });
    const many = Array.from({ length: 50 }, (_each, index) => `w${index}${'x'.repeat(100)}`).join(' ');
    const told = read('Delete acme.', `<p>Delete ${many}.</p>`).disagreement;
    expect(told?.onlyInHtml).toHaveLength(10);
    expect(Math.max(...(told?.onlyInHtml ?? []).map((word) => word.length))).toBeLessThanOrEqual(60);
  });
});

describe('which body is read', () => {
  test.each([
    { title: 'the text', text: 'Delete acme.', html: '<p>Delete acme.</p>', own: 'Delete acme.' },
    {
      title: 'the HTML when there is no text',
      text: ' \n',
      html: '<p>Delete acme.</p>',
      own: 'Delete acme.',
    },
    {
      title: 'the HTML when the text only points to it',
      text: 'Please view this mail in an HTML client.',
      html: '<p>Delete acme.</p>',
      own: 'Delete acme.',
    },
    {
      title: 'the HTML when only it tells which cell belongs to which name',
      text: 'Workspace\nacme\n\nSource\nWeb',
      html: '<table><tr><td>Workspace</td><td>acme</td></tr><tr><td>Source</td><td>Web</td></tr></table>',
      own: 'Workspace: acme\nSource: Web',
    },
  ])('$title', ({ text, html, own }) => {
    expect(read(text, html)).toMatchObject({ text: own, disagreement: null });
  });

  test.each([
    { title: 'text, then HTML', text: 'First.\n', html: '<br/>\n<p>Second.</p>', own: 'First.\n\nSecond.' },
    { title: 'HTML, then text', text: '\nSecond.', html: '<p>First.</p><br/>\n', own: 'First.\n\nSecond.' },
    {
      title: 'text that stands in both',
      text: 'First.\nSecond.',
      html: '<p>First.</p><br/>\n',
      own: 'First.\nSecond.',
    },
  ])('both when a mixed mail shows one behind the other: $title', ({ text, html, own }) => {
    expect(read(text, html, 'multipart/mixed')).toMatchObject({ text: own, disagreement: null });
  });
});

describe('any pair of bodies', () => {
  const words = fc.constantFrom('delete', 'not', 'acme', 'web', '2024', 'please', 'source', 'and', 'globex');
  const sentences = fc.array(fc.array(words, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });

  test('agrees with itself, however it is wrapped and marked up', () => {
    fc.assert(
      fc.property(sentences, fc.constantFrom(' ', '\n'), (lines, gap) => {
        const text = lines.map((line) => line.join(gap)).join('\n\n');
        const html = lines
          .map((line) => `<p>${line.map((word) => `<b>${word}</b>`).join(' ')}</p>`)
          .join('\n');
        expect(read(text, html).disagreement).toBeNull();
      }),
    );
  });

  test('disagrees when one word about the matter is gone', () => {
    fc.assert(
      fc.property(sentences, fc.nat(), (lines, at) => {
        const all = lines.flat();
        const gone = at % all.length;
        const left = all.filter((_word, index) => index !== gone);
        if (
          all
            .slice(0, gone)
            .concat(all.slice(gone + 1))
            .join('') === all.join('')
        )
          return;
        expect(
          read(`Hello, ${all.join(' ')}.`, `<p>Hello, ${left.join(' ')}.</p>`).disagreement,
        ).not.toBeNull();
      }),
    );
  });

  test('never throws, and offsets hold', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '> a',
        'On 3 May 2024 at 10:00 Ada <a@b.c> wrote:',
        'From: a <a@b.c>',
        'Sent: 10:00',
        'To: b',
        'Subject: c',
        '-- ',
        'Ada',
        '',
        '________________________',
        '-----Original Message-----',
        '---------- Forwarded message ---------',
        '>From x',
        '\u00a0',
        'Please handle this.',
        '<p>',
        '</blockquote>',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.option(fc.array(line, { maxLength: 30 })),
        fc.constantFrom('\n', '\r\n'),
        (text, html, end) => {
          const taken = ownTextOf(
            mail({ text: text.join(end), html: html?.join('<br>') ?? null, subject: 'Fwd: x' }),
          );
          for (const { start, sourceStart, length } of taken.lines) {
            expect(taken.text.slice(start, start + length).trim()).toBe(
              length === 0
                ? ''
                : taken.source
                    .slice(sourceStart, sourceStart + length)
                    .replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, ' ')
                    .replace(/^>/, ' ')
                    .trim(),
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
