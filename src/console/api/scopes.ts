/** What a token may do. Nobody is verified, vouched for or approved by a program: that is for people. */
export const API_SCOPES = [
  'tickets:read',
  'tickets:write',
  'requests:write',
  'metrics:read',
  'suppressions:read',
] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export const SCOPE_WORDS: Readonly<Record<ApiScope, string>> = {
  'tickets:read': 'read tickets, their events, mails and receipts',
  'tickets:write': 'hold and cancel tickets, release holds of its own, write notes',
  'requests:write': 'ask for the deletion of a workspace in the name of the app, and take that back',
  'metrics:read': 'read the metrics',
  'suppressions:read': 'ask who must not be taken in again',
};
