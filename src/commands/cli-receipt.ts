import type { Command } from 'commander';
import { PurgedeskError } from '../domain/errors.ts';
import { asCurrent, type Receipt } from '../domain/receipt.ts';
import { fingerprintOf, publicKeyIn, type ReceiptCheck, verifyReceipt } from '../purge/receipt.ts';
import { type PublishedKey, publishedKeys } from '../purge/receipt-keys.ts';
import { withDesk } from './attach.ts';
import { readInput } from './read-input.ts';
import { show } from './table.ts';

export function addReceiptCommands(program: Command): void {
  const receipt = program.command('receipt').description('check signed receipts, and with which key');
  receipt
    .command('verify <file>')
    .description('check a receipt offline; exit code 1 when it does not hold')
    .option(
      '--key <key>',
      'the public key that you trust: base64, or a file with it or with its PEM; without it the one in the receipt is used',
    )
    .option('--json', 'print JSON')
    .action(async (file: string, options: { key?: string; json?: boolean }) => {
      const bytes = await readInput(file);
      const key = options.key === undefined ? undefined : await trustedKey(options.key);
      const check = verifyReceipt(bytes, key);
      show(options.json, check, () => checkWords(check, key !== undefined));
      if (!check.ok) process.exitCode = 1;
    });
  receipt
    .command('key')
    .description('print the public key of this desk and its former ones, with their fingerprints')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const keys = await withDesk((desk) => publishedKeys(desk.db, desk.purge.receiptKey.publicKey));
      show(options.json, keys, () => keys.map(keyWords).join('\n\n'));
    });
}

/** @throws PurgedeskError PD_USAGE when neither the text nor a file of that name gives a key */
async function trustedKey(given: string): Promise<string> {
  const key = publicKeyIn(given) ?? publicKeyIn((await readInput(given)).toString('utf8'));
  if (key !== null) return key;
  throw new PurgedeskError('PD_USAGE', 'the file given with --key holds no Ed25519 public key', {
    remedy: 'give the base64 or the PEM from the page of keys of the desk that signed the receipt',
  });
}

function checkWords(check: ReceiptCheck, isTrustedKey: boolean): string {
  if (!check.ok) return `The receipt does not hold: ${check.why}`;
  return [
    ...receiptWords(check.receipt),
    `Signed with the key ${grouped(fingerprintOf(check.publicKey))} (SHA-256).`,
    ...(isTrustedKey
      ? []
      : ['The signature fits the key inside the receipt. To know whose key that is, give --key.']),
  ].join('\n');
}

function receiptWords(receipt: Receipt): readonly string[] {
  const { ticket, scope, completedAt, steps, ...totals } = asCurrent(receipt);
  const counts = [
    `${totals.deletedTotal} deleted`,
    ...(totals.clearedTotal === 0 ? [] : [`${totals.clearedTotal} cleared of properties`]),
    ...(totals.byHandTotal === 0 ? [] : [`${totals.byHandTotal} done by hand`]),
    `${totals.remainingTotal} found afterwards`,
  ];
  return [
    `The receipt holds: ${ticket}, ${scope}, completed ${completedAt}.`,
    `${counts.join(', ')}, in ${steps.length} step(s).`,
  ];
}

const keyWords = ({ publicKey, fingerprint, firstUsedAt, isCurrent }: PublishedKey): string =>
  [
    isCurrent ? 'Signs now' : 'Former key',
    `  public key   ${publicKey}`,
    `  fingerprint  ${grouped(fingerprint)} (SHA-256)`,
    `  first used   ${firstUsedAt ?? 'not yet'}`,
  ].join('\n');

/** As it stands on the certificate and on the page of keys. */
const grouped = (hex: string): string => hex.replace(/(.{4})(?=.)/g, '$1 ');
