/** Asks addresses of the web whether anybody is there. */
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Finding, ok, problem, warning } from './finding.ts';

const ANSWER_MS = 8_000;

/** Whether the address in our mails leads to a desk. */
export async function lookAtPublicUrl(publicUrl: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const check = 'public url';
  const answer = await fetch(`${publicUrl}/readyz`, {
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  }).catch((error: unknown) => codeOf(error));
  if (typeof answer === 'string') {
    const what = `PUBLIC_URL cannot be reached from here (${answer}).`;
    return [
      warning(
        check,
        what,
        'Customers need it: look whether the desk runs, and after the proxy and its certificate.',
      ),
    ];
  }
  const body: unknown = await answer.json().catch(() => null);
  if (typeof (body as { ready?: unknown } | null)?.ready !== 'boolean') {
    const what = `Something else than a desk answers at PUBLIC_URL (status ${answer.status}).`;
    return [
      problem(check, what, 'Have the proxy pass the address, with its path, to HTTP_HOST and HTTP_PORT.'),
    ];
  }
  const { ready, reasons } = body as { ready: boolean; reasons?: unknown };
  if (ready) return [ok(check, 'The desk answers at PUBLIC_URL.')];
  const why = Array.isArray(reasons)
    ? reasons.filter((word) => /^[a-z_]{1,30}$/.test(String(word))).join(', ')
    : '';
  return [
    warning(
      check,
      `The desk answers at PUBLIC_URL and is not ready (${why}).`,
      'docs/operations.md, "Readiness".',
    ),
  ];
}

/** Connects, and says nothing: a delivery is for those who are told something. */
export async function lookAtWebhook(
  { name, url }: { readonly name: string; readonly url: string },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const check = `webhook ${name}`;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  const at = { host, port: port === '' ? (isTls ? 443 : 80) : Number(port), signal };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = isTls
    ? connectTls({ ...at, ...(isIP(host) === 0 ? { servername: host } : {}) }, resolve)
    : connectTcp(at, resolve);
  socket.setTimeout(ANSWER_MS, () => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })));
  socket.on('error', reject);
  try {
    await promise;
  } finally {
    socket.destroy();
  }
  return [ok(check, 'Its server takes connections.')];
}

function codeOf(error: unknown): string {
  const { name, cause } = Object(error) as {
    readonly name?: unknown;
    readonly cause?: { readonly code?: unknown };
  };
  return String(cause?.code ?? name ?? 'unknown');
}
