import { describe, expect, test } from 'vitest';
import { consoleFor, fakeDesk, faultsOf, RECEIPT_KEYS } from './desk.ts';

describe('the page of keys', () => {
  test('tells how to check a receipt, and shows the key of now and the former ones with their dates', async () => {
    const app = await consoleFor(fakeDesk());
    const { statusCode, body } = await app.inject('/receipt-key');
    expect(statusCode).toBe(200);
    expect(faultsOf(body)).toEqual([]);
    expect(body).toContain(
      'purgedesk receipt verify receipt-PD-1042.json \\\n  --key MCowBQYDK2VwAyEAcurrent&#x3D;',
    );
    for (const { pem } of RECEIPT_KEYS) expect(body).toContain(pem.trim().replaceAll('=', '&#x3D;'));
    expect(body.match(/<span>42f8<\/span>/g)).toHaveLength(16);
    expect(body.match(/<span>07ab<\/span>/g)).toHaveLength(16);
    expect(body).toContain('Not used yet.');
    expect(body).toContain(
      'First used on <time datetime="2026-11-28T00:20:00.000Z">Saturday 28 November 2026, 00:20 UTC</time>.',
    );
  });

  test('says nothing of former keys where there are none', async () => {
    const ports = { receiptKeys: async () => RECEIPT_KEYS.slice(0, 1) };
    const app = await consoleFor(fakeDesk({ ports }));
    expect((await app.inject('/receipt-key')).body).not.toContain('id="former"');
  });

  test('is the same for programs', async () => {
    const app = await consoleFor(fakeDesk());
    const answer = await app.inject('/.well-known/purgedesk-receipt-key');
    expect(answer.headers['content-type']).toContain('application/json');
    expect(answer.json()).toEqual({
      keys: RECEIPT_KEYS.map(({ publicKey, pem, fingerprint, firstUsedAt, isCurrent }) => ({
        algorithm: 'Ed25519',
        publicKey,
        pem,
        sha256: fingerprint,
        firstUsedAt,
        current: isCurrent,
      })),
    });
  });

  test('does not show a fault of the database to visitors', async () => {
    const ports = { receiptKeys: () => Promise.reject(new Error('no database at 10.0.0.7')) };
    const desk = fakeDesk({ ports });
    const app = await consoleFor(desk);
    for (const url of ['/receipt-key', '/.well-known/purgedesk-receipt-key']) {
      const { statusCode, body } = await app.inject(url);
      expect(statusCode).toBe(500);
      expect(body).not.toContain('10.0.0.7');
    }
    expect(desk.logged()).not.toContain('10.0.0.7');
  });
});
