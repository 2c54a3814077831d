import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { importsOf, withoutComments } from '../rules/layers.ts';
import { ada, eve, type Letter, openMailDesk, REQUEST } from './desk.ts';

/** A web server that everything in the mails points to, and that nobody should ever ask. */
async function startBait() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const baits = (url: string): readonly Letter[] => [
  {
    from: ada,
    headers: [
      'Content-Type: text/html; charset=utf-8',
      'BIMI-Selector: v=BIMI1; s=default',
      `BIMI-Location: v=BIMI1; l=${url}/header.svg; a=${url}/header.pem`,
      `List-Unsubscribe: <${url}/unsubscribe>`,
      `X-Face-URL: ${url}/face`,
      `Content-Location: ${url}/location`,
    ],
    body: [
      `<html><head><base href="${url}/"><link rel="stylesheet" href="${url}/a.css">`,
      `<meta http-equiv="refresh" content="0;url=${url}/refresh"><style>@import "${url}/b.css";</style></head>`,
      `<body background="${url}/bg"><img src="${url}/pixel.gif"><iframe src="${url}/frame"></iframe>`,
      `<script src="${url}/x.js"></script><object data="${url}/o"></object><video poster="${url}/v"></video>`,
      `<p style="background:url(${url}/css)">Please delete the workspace acme-inc.</p></body></html>`,
    ].join('\n'),
  },
  {
    from: ada,
    headers: ['Content-Type: multipart/mixed; boundary="b"'],
    body: [
      '--b',
      'Content-Type: text/plain',
      '',
      REQUEST,
      `See ${url}/link and <${url}/angle>.`,
      '--b',
      `Content-Type: message/external-body; access-type=URL; URL="${url}/external"`,
      '',
      'Content-Type: text/plain',
      '',
      '--b',
      `Content-Type: message/external-body; access-type=anon-ftp; site="127.0.0.1"; name="x"`,
      '',
      'Content-Type: text/plain',
      '',
      '--b',
      'Content-Type: image/svg+xml; name="x.svg"',
      '',
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="${url}/svg"/></svg>`,
      '--b',
      'Content-Type: application/pkcs7-mime; name="smime.p7m"',
      `Content-Location: ${url}/p7m`,
      '',
      url,
      '--b--',
    ].join('\n'),
  },
  { from: eve, text: `${REQUEST}\n${url}/stranger`, headers: [`Autocrypt: addr=${eve}; keydata=${url}`] },
];

/** What the domain publishes may point anywhere too. */
const records = (url: string) => ({
  'default._bimi.acme.example': { TXT: [[`v=BIMI1; l=${url}/logo.svg; a=${url}/vmc.pem`]] },
  '_dmarc.acme.example': { TXT: [[`v=DMARC1; p=reject; rua=${url}/rua; ruf=${url}/ruf`]] },
  '_mta-sts.acme.example': { TXT: [['v=STSv1; id=1']] },
  '_smtp._tls.acme.example': { TXT: [[`v=TLSRPTv1; rua=${url}/tlsrpt`]] },
});

test('T25 T64 nothing that a mail or its domain points to is fetched', async () => {
  await using bait = await startBait();
  await using desk = await openMailDesk(records(bait.url));
  const httpRequests: unknown[] = [];
  const peers = new Set<string>();
  const onRequest = (message: unknown) => httpRequests.push(message);
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => peers.add(`${socket.remotePort}`));
  };
  const channels = [
    ['http.client.request.start', onRequest],
    ['undici:request:create', onRequest],
    ['net.client.socket', onSocket],
  ] as const;
  for (const [name, listener] of channels) diagnostics.subscribe(name, listener);
  try {
    for (const letter of baits(bait.url)) await desk.write(letter);
    expect(desk.sent.length).toBeGreaterThan(0);
  } finally {
    for (const [name, listener] of channels) diagnostics.unsubscribe(name, listener);
  }
  expect(httpRequests).toEqual([]);
  expect(peers).not.toContain(new URL(bait.url).port);
  expect(bait.asked).toEqual([]);
  // The bait works: whoever fetches is seen.
  await fetch(`${bait.url}/seen`);
  expect(bait.asked).toEqual(['/seen']);
});

/** Every stage that a mail passes. The sandbox and the web pages are not among them. */
const MAIL_PATH = ['ingest', 'verify', 'tickets', 'reply', 'directory', 'domain', 'db'];
const FETCHERS = /^(node:)?(https?|http2|tls)$|^(undici|axios|got|node-fetch|ky|superagent|request|ws)$/;

test('T25 no file on the way of a mail can fetch: none imports a client for the web or calls fetch', async () => {
  const src = new URL('../../src/', import.meta.url);
  const files = (await readdir(src, { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && MAIL_PATH.includes(name.split('/', 1)[0] ?? ''));
  expect(files.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const file of files) {
    const text = await readFile(new URL(file, src), 'utf8');
    for (const { specifier, kind } of importsOf(text)) {
      if (kind !== 'type' && FETCHERS.test(specifier ?? '')) found.push(`${file}: ${specifier}`);
    }
    if (/(?<![.\w])(?<!async )fetch\s*\(|\bnew (WebSocket|EventSource)\b/.test(withoutComments(text)))
      found.push(`${file}: fetch`);
  }
  expect(found).toEqual([]);
});

test('T25 of the library that authenticates mail only the parts that ask the name service are used', async () => {
  const src = new URL('../../src/verify/', import.meta.url);
  const used: string[] = [];
  for (const file of (await readdir(src)).filter((name) => name.endsWith('.ts'))) {
    const text = withoutComments(await readFile(new URL(file, src), 'utf8'));
    for (const [, names] of text.matchAll(/import \{([^}]*)\} from 'mailauth[^']*'/g)) {
      used.push(...(names ?? '').split(',').map((name) => name.trim().replace(/ as .*/, '')));
    }
  }
  const values = used.filter((name) => name !== '' && !name.startsWith('type '));
  expect(values.length).toBeGreaterThan(0);
  // `authenticate` looks up logos unless told not to, and `bimi` fetches them.
  expect(values).not.toContain('authenticate');
  expect(values).not.toContain('bimi');
});
