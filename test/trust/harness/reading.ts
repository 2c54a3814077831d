import { lineLog, makeLogger } from '../../../src/commands/log.ts';
import { type MailReader, mailReader } from '../../../src/commands/mail-reader.ts';
import { loadConfig } from '../../../src/config.ts';
import { makeResolver } from '../../../src/verify/resolver.ts';

/** Reads mails as a desk with these settings does: its look-ups, its threads, its limits. */
export function readerFor(settings: NodeJS.ProcessEnv): MailReader {
  const config = loadConfig(settings);
  const { trustedReceivedBy, trustedAuthservId, trustedSealers } = config;
  return mailReader(
    {
      resolver: makeResolver(config.dnsServers),
      deskAddresses: [config.desk.address ?? ''],
      trustedReceivedBy,
      trustedAuthservId,
      trustedSealers,
    },
    lineLog(makeLogger(config.logLevel)),
  );
}
