import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, publicKeyIn, receiptKey } from '../../src/purge/receipt.ts';
import { publishedKeys } from '../../src/purge/receipt-keys.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { openDesk, RECEIPT_KEY } from './desk.ts';
import { sampleTarget } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const OLD = receiptKey(Buffer.alloc(32, 1)).publicKey;
const NEW = receiptKey(Buffer.alloc(32, 9)).publicKey;

describe('the keys of a desk', () => {
  test('stay known after its secret changed, each with the day of its first receipt', async () => {
    await using desk = await openDesk();
    const { publicKey } = RECEIPT_KEY;
    expect(await publishedKeys(desk.db, publicKey)).toMatchObject([{ publicKey, firstUsedAt: null }]);
    await desk
      .db('receipt_keys')
      .insert({ public_key: OLD, first_used_at: new Date('2024-01-01T00:00:00Z') });
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    await desk.startPurge(id);
    await desk.work();
    const receipt = await desk.db('receipts').where({ ticket_id: id }).first('created_at');
    expect(await publishedKeys(desk.db, NEW)).toEqual([
      expect.objectContaining({ publicKey: NEW, firstUsedAt: null, isCurrent: true }),
      expect.objectContaining({
        publicKey,
        firstUsedAt: receipt.created_at.toISOString(),
        isCurrent: false,
        fingerprint: fingerprintOf(publicKey),
      }),
      expect.objectContaining({
        publicKey: OLD,
        firstUsedAt: '2024-01-01T00:00:00.000Z',
        isCurrent: false,
      }),
    ]);
    await expect(desk.db('receipt_keys').where({ public_key: OLD }).delete()).rejects.toThrow();
  });
});

describe('publicKeyIn', () => {
  const { pem } = {
    pem: createPublicKey({ key: Buffer.from(OLD, 'base64'), format: 'der', type: 'spki' })
      .export({ format: 'pem', type: 'spki' })
      .toString(),
  };

  test.each([
    { title: 'base64', text: OLD },
    { title: 'base64 in a file, with its newline', text: `${OLD}\n` },
    { title: 'PEM', text: pem },
    { title: 'PEM with line ends of another system', text: pem.replaceAll('\n', '\r\n') },
  ])('takes $title', ({ text }) => {
    expect(publicKeyIn(text)).toBe(OLD);
  });

  test.each(['', 'hello', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', OLD.slice(4)])(
    'takes no %j',
    (text) => {
      expect(publicKeyIn(text)).toBeNull();
    },
  );
});
