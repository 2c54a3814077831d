const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|Chromium|CriOS|HeadlessChrome)\//],
  ['Safari', /\bSafari\//],
];

const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['Windows', /\bWindows\b/],
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(iPhone|iPad)\b/],
  ['macOS', /\bMac OS X\b/],
  ['Linux', /\bLinux\b/],
];

/** "Firefox on Linux": enough to know one's own sessions, and words of ours only. */
export function browserInWords(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, 400);
  const name = (list: typeof BROWSERS) => list.find(([, pattern]) => pattern.test(text))?.[0];
  return `${name(BROWSERS) ?? 'Another browser'} on ${name(SYSTEMS) ?? 'another system'}`;
}
