import { describe, expect, test } from 'vitest';
import { cleanHtml, mailDocument } from '../../src/console/ticket/mail-html.ts';

/** All tags and attributes of a cleaned mail, in their order. */
const tagsOf = (html: string): readonly string[] => [...html.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag);

describe('a mail’s HTML', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><animate onbegin=alert(1)></svg>',
    '<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></math>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="data:text/html,x"></object><embed src=x><applet></applet>',
    '<a href="javascript:alert(1)" onclick="alert(1)" id="live" name="live" class="button">x</a>',
    '<form action="https://evil.example"><input name=a><button formaction=x>go</button></form>',
    '<base href="https://evil.example"><meta http-equiv=refresh content="0;url=https://evil.example"><link rel=stylesheet href=x>',
    '<p style="position:fixed;inset:0;background:url(https://evil.example/a)">x</p>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<template><img src=x onerror=alert(1)></template>',
    '<textarea></textarea><img src=x onerror=alert(1)>',
    '<xmp><img src=x onerror=alert(1)></xmp><plaintext><b onclick=x>',
    '<video poster=x><source src=x></video><audio src=x autoplay></audio>',
    '<td background="https://evil.example/a" colspan="99999999" rowspan="0">x</td>',
    '<details ontoggle=alert(1) open><summary>x</summary></details><dialog open>x</dialog>',
    '<!--[if mso]><script>alert(1)</script><![endif]--><![CDATA[<script>]]>',
    '"><b a="<img src=x onerror=alert(1)>"',
  ])('keeps nothing that runs, loads, leads away or hides: %s', (html) => {
    const clean = cleanHtml(`<p>before</p>${html}<p>after</p>`)!.html;
    for (const tag of tagsOf(clean)) {
      expect(tag).toMatch(
        /^<(?:(?:p|div|span|br|hr|blockquote|pre|code|h[1-6]|b|strong|i|em|u|s|sub|sup|small|[uod]l|li|d[td]|table|t(?:head|body|foot|r)|caption)(?: \/)?|a(?: title="[^"]*")?|t[dh](?: (?:col|row)span="[1-9]\d?")*)>$/,
      );
    }
    expect(clean).toContain('before');
  });

  test('tells how much it would have loaded', () => {
    const clean = cleanHtml(
      `<style>@import "https://e.example/a.css";</style><img src="https://e.example/p.gif" alt="Logo">
       <img src="//e.example/q.gif"><img src="cid:1"><p style="background:url('https://e.example/b')">x</p>`,
    )!;
    expect(clean.blocked).toBe(4);
    expect(clean.html).toContain('[picture: Logo]');
    expect(mailDocument(clean)).toContain('4 things from elsewhere');
  });

  test('shows where a link leads, and leads nowhere', () => {
    expect(cleanHtml('<a href="https://evil.example/?q=&quot;x&quot;">acme.example</a>')!.html).toBe(
      '<a title="https://evil.example/?q=&quot;x&quot;">acme.example</a>',
    );
  });

  test('shows that something unseen was there', () => {
    expect(cleanHtml('a\u202eb&#8203;c&#x202D;')!.html).toBe('a\ufffdb\ufffdc\ufffd');
  });

  test('is not shown when it is too long', () => {
    expect(cleanHtml('x'.repeat(300_001))).toBeNull();
  });

  test('nests no deeper than a browser likes', () => {
    const clean = cleanHtml(`${'<div>'.repeat(5_000)}deep${'</div>'.repeat(5_000)}`)!;
    expect(tagsOf(clean.html).length).toBeLessThan(100);
  });
});
