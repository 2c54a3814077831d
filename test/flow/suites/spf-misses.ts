/**
 * Where our answer is none of those that a suite allows, by suite, scenario and case, and why. None is a pass, so that
 * none can make anybody more than they are.
 */
export const MISSES: Readonly<Record<string, { readonly ours: string; readonly why: string }>> = {
  ...Object.fromEntries(
    [
      'A mechanism syntax/a-colon-domain',
      'A mechanism syntax/a-colon-domain-ip4mapped',
      'MX mechanism syntax/mx-colon-domain',
      'MX mechanism syntax/mx-colon-domain-ip4mapped',
    ].map((name) => [
      `RFC 7208/${name}`,
      {
        ours: 'permerror',
        why: 'The name has ":" and "/" in it. c-ares, with which Node asks, sends no such name; no host has one.',
      },
    ]),
  ),
  'RFC 7208/Macro expansion rules/macro-mania-in-domain': {
    ours: 'permerror',
    why: 'The expanded name has "%" and blanks in it, which c-ares does not send.',
  },
  'RFC 7208/MX mechanism syntax/mx-empty': {
    ours: 'none',
    why: 'The null sender: a HELO name, which anybody can say, authenticates nobody here, so its policy is not asked.',
  },
};
