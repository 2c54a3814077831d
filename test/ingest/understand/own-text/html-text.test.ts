import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { htmlToText, readHtml } from '../../../../src/ingest/understand/own-text/html-text.ts';

describe('layout', () => {
  test.each([
    {
      title: 'rows of two cells are fields',
      html: '<table><tr><td>Source</td><td>Web</td></tr></table>',
      text: 'Source: Web',
    },
    {
      title: 'a first row of short names is a header',
      html: '<table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>',
      text: 'A: 1\nB: 2\nC: 3',
    },
    {
      title: 'cells of a layout stand one below the other',
      html: '<table><tr><td>a<br>b</td></tr><tr><td>c</td></tr></table>',
      text: 'a\nb\nc',
    },
    {
      title: 'tables in tables',
      html: '<table><tr><td><table><tr><td>Source</td><td>Web</td></tr></table></td></tr></table>',
      text: 'Source: Web',
    },
    { title: 'quotes are marked', html: 'a<blockquote>b<br>c</blockquote>d', text: 'a\n\n> b\n> c\n\nd' },
    {
      title: 'an indented paragraph is no quote',
      html: '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">a</blockquote>',
      text: 'a',
    },
    {
      title: 'a bar at the side is a quote',
      html: "<blockquote style='border:none;border-left:solid #CCC 1.0pt'>a</blockquote>",
      text: '> a',
    },
    {
      title: 'lists have bullets and numbers',
      html: '<ul><li>a</li><li>b</li></ul><ol><li>c</li><li>d</li></ol>',
      text: '- a\n- b\n\n1. c\n2. d',
    },
    { title: 'entities are decoded', html: '<p>R&amp;D caf&eacute;</p>', text: 'R&D café' },
    { title: 'spaces collapse, also across tags', html: '<p>a <b> b</b>\n c</p>', text: 'a b c' },
    { title: 'preformatted lines stay', html: '<pre>a\n  b</pre>', text: 'a\n  b' },
    {
      title: 'comments and scripts are dropped',
      html: 'a<!-- b --><!--[if mso]>c<![endif]--><script>d</script><style>e{}</style><title>f</title>',
      text: 'a',
    },
    {
      title: 'a marked signature is announced',
      html: 'a<div class="gmail_signature">Ada</div>',
      text: 'a\n--\nAda',
    },
    {
      title: 'what introduces a quote is quoted in any language',
      html: 'a<div class="gmail_attr">нд, 29 жовт. Desk пише:<br></div><blockquote class="gmail_quote">b</blockquote>',
      text: 'a\n> нд, 29 жовт. Desk пише:\n\n> b',
    },
    {
      title: 'what opens a forward is not',
      html: 'a<div class="gmail_attr">---------- Forwarded message ---------<br>From: b</div>c',
      text: 'a\n---------- Forwarded message ---------\nFrom: b\nc',
    },
    {
      title: 'Outlook’s copied header is announced in any language',
      html: 'a<div id="divRplyFwdMsg"><b>Kimden:</b> b</div><div>c</div>',
      text: 'a\n-----Original Message-----\nKimden: b\nc',
    },
    {
      title: 'and that of the desktop program',
      html: 'a<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal><b>Kimden:</b> b</p></div></div>',
      text: 'a\n-----Original Message-----\nKimden: b',
    },
  ])('$title', ({ html, text }) => {
    expect(htmlToText(html)).toBe(text);
  });

  test('plain tables keep the order of the cells', () => {
    const html =
      '<table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>';
    expect(readHtml(html, true).text.split(/\n+/)).toEqual(['A', 'B', 'C', '1', '2', '3']);
  });
});

describe('T32: what a reader cannot see is not written', () => {
  const HIDING: readonly string[] = [
    '<div style="display:none">X</div>',
    '<div style="DISPLAY : NONE !important">X</div>',
    '<div style="display:/**/none">X</div>',
    '<span style="visibility:hidden">X</span>',
    '<div style="mso-hide:all">X</div>',
    '<p hidden>X</p>',
    '<span style="font-size:0">X</span>',
    '<span style="font-size:1px">X</span>',
    '<span style="font:0/0 a">X</span>',
    '<span style="font-size:0.1em">X</span>',
    '<div style="font-size:0"><span style="font-size:1em">X</span></div>',
    '<span style="opacity:0">X</span>',
    '<span style="opacity:.01">X</span>',
    '<span style="filter:alpha(opacity=0)">X</span>',
    '<span style="color:#fff">X</span>',
    '<span style="color:#FFFFFF">X</span>',
    '<span style="color:white">X</span>',
    '<span style="color:#fefefe">X</span>',
    '<span style="color:rgb(255, 255, 255)">X</span>',
    '<span style="color:rgba(0,0,0,0)">X</span>',
    '<span style="color:transparent">X</span>',
    '<font color="white">X</font>',
    '<font color="#ffffff">X</font>',
    '<font color="FFFFFF">X</font>',
    '<table bgcolor="#000000"><tr><td><font color="black">X</font></td></tr></table>',
    '<div style="background:#336699"><span style="color:#336699">X</span></div>',
    '<div style="background-color:navy"><div><span style="color:#000080">X</span></div></div>',
    '<div style="height:0;overflow:hidden">X</div>',
    '<div style="width:1px;height:1px;overflow:hidden">X</div>',
    '<div style="max-height:0px">X</div>',
    '<div style="position:absolute;left:-9999px">X</div>',
    '<div style="position:absolute;top:-1000em">X</div>',
    '<div style="text-indent:-9999px">X</div>',
    '<div style="margin-left:-5000px">X</div>',
    '<div style="position:absolute;clip:rect(0 0 0 0)">X</div>',
    '<div style="clip-path:inset(100%)">X</div>',
    '<div style="transform:scale(0)">X</div>',
    '<style>.h{display:none}</style><p class="a h">X</p>',
    '<style>p.h, b { color : #fff }</style><p class="h">X</p>',
    '<style>#h{font-size:0}</style><p id="h">X</p>',
    '<style>@media screen { .h{display:none} }</style><p class="h">X</p>',
    '<style>div .h{display:none}</style><div><p class="h">X</p></div>',
    '<style>.h{display:none!important}</style><p class="h" style="display:block">X</p>',
    '<!-- X -->',
    '<!--[if gte mso 9]><p>X</p><![endif]-->',
    '<template>X</template>',
    '<textarea>X</textarea>',
    '<select><option>X</option></select>',
    '<input type="hidden" value="X">',
    '<img alt="X" src="cid:1">',
    '<div style="display:none"><div style="display:block">X</div></div>',
  ];
  test.each(HIDING)('%s', (html) => {
    expect(htmlToText(`a${html}<p>b</p>`).replace(/\s+/g, '')).toBe('ab');
  });

  const SHOWING: readonly string[] = [
    '<p style="display:block">X</p>',
    '<div style="font-size:0"><div style="font-size:14px">X</div></div>',
    '<div style="background:#000"><span style="color:#fff">X</span></div>',
    '<table bgcolor="#003366"><tr><td><font color="#ffffff">X</font></td></tr></table>',
    '<div style="background:url(a.png)"><span style="color:white">X</span></div>',
    '<style>body{background:#111;color:#fff}</style><body>X</body>',
    '<style>@media (max-width:480px){.h{display:none}}</style><p class="h">X</p>',
    '<style>.other{display:none}</style><p class="h">X</p>',
    '<span style="color:#1d232b;font-size:11.0pt;opacity:0.9">X</span>',
    '<span style="color:#999">X</span>',
    '<div style="height:100%;overflow:hidden">X</div>',
    '<div style="max-height:none;line-height:1px">X</div>',
    '<div style="margin-left:-20px">X</div>',
    '<!--[if !mso]><!--><p>X</p><!--<![endif]-->',
  ];
  test.each(SHOWING)('but what can be seen is: %s', (html) => {
    expect(htmlToText(`a${html}<p>b</p>`).replace(/\s+/g, '')).toBe('aXb');
  });
});

describe('hostile HTML', () => {
  test.each([
    ['quotes', '<blockquote>'.repeat(100_000)],
    ['tables', '<table><tr><td>'.repeat(50_000)],
    ['tags that end what never began', '<a>'.repeat(400) + '</b>'.repeat(100_000)],
    ['an open tag', `<${'a'.repeat(100_000)}`],
    ['an open comment', `<!--${'-'.repeat(100_000)}`],
    ['attributes', `<p ${'a=b '.repeat(50_000)}>`],
    ['an open style', `<style>${'{'.repeat(100_000)}`],
    ['rules of style', `<style>${'a{color:red}'.repeat(50_000)}</style>`],
  ])('%s are read without end of stack or memory', (_title, html) => {
    expect(typeof htmlToText(`a${html}b`)).toBe('string');
  });

  test('what is hidden stays so when its depth ends the reading', () => {
    const html = `a<div style="display:none">${'<div>'.repeat(600)}${'</div>'.repeat(601)}X`;
    expect(htmlToText(html)).toBe('a');
  });

  test('what nests deeper than programs show is told', () => {
    expect(readHtml(`${'<div>'.repeat(600)}a`).cut).toBe(true);
    expect(readHtml(`${'<div>'.repeat(200)}a`).cut).toBe(false);
  });

  test('never throws', () => {
    const piece = fc.constantFrom(
      '<table>',
      '</table>',
      '<tr>',
      '<td>',
      '</td>',
      '<blockquote>',
      '</blockquote>',
      '<li>',
      '</ol>',
      '<style>',
      '</style>',
      '<pre>',
      '<div class="gmail_attr">',
      '</div>',
      '<p style="',
      '">',
      '&amp',
      'text ',
      '\n',
      '<!--',
      '-->',
      '<p style="color:rgb(,,)">',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (parts) => {
        expect(typeof htmlToText(parts.join(''))).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});
