import type { DeskMailbox } from '../../src/commands/mailboxes.ts';

/** A mailbox that nobody polls; its mails leave through `smtpUrl`. */
export function sampleMailbox({
  name = 'main',
  address = 'desk@desk.example',
  smtpUrl = 'smtp://127.0.0.1:9',
  ...rest
}: Partial<Pick<DeskMailbox, 'name' | 'locale' | 'envelope' | 'desk'>> & {
  readonly address?: string;
  readonly smtpUrl?: string;
} = {}): DeskMailbox {
  const smtp = new URL(smtpUrl);
  return {
    name,
    account: {
      host: '127.0.0.1',
      port: 9,
      secure: false,
      user: name,
      login: { kind: 'password', password: { reveal: () => 'secret' } },
      folder: 'INBOX',
      processedFolder: 'Processed',
      pollSeconds: 30,
    },
    desk: { name: 'Test Desk', address, publicUrl: 'http://desk.example' },
    locale: null,
    smtp: { host: smtp.hostname, port: Number(smtp.port), secure: false, requireTls: false, login: null },
    envelope: 'verp',
    ...rest,
  };
}
