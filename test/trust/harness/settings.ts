/** The environment of a desk, by the names that an operator uses. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describeStores } from '../../../src/sandbox/customer-database.ts';
import type { Place } from './place.ts';

const configFile = (folder: string): string => join(folder, 'purgedesk.yaml');

/** The stores, without the password that reaches them. */
export async function writeConfig(folder: string): Promise<void> {
  const stores = describeStores(`\${CUSTOMERS_URL}`);
  await writeFile(configFile(folder), stringify({ stores }, { aliasDuplicateObjects: false }));
}

export function settingsOf(
  place: Pick<Place, 'folder' | 'dnsServer' | 'identity' | 'secretKey'>,
  urls: {
    readonly database: string;
    readonly customers: string;
    readonly imap: string;
    readonly smtp: string;
  },
): NodeJS.ProcessEnv {
  const { deskAddress, trustedReceivedBy, trustedAuthservId } = place.identity;
  return {
    DATABASE_URL: urls.database,
    CUSTOMERS_URL: urls.customers,
    IMAP_URL: urls.imap,
    SMTP_URL: urls.smtp,
    DESK_ADDRESS: deskAddress,
    TRUSTED_RECEIVED_BY: trustedReceivedBy,
    ...(trustedAuthservId === null ? {} : { TRUSTED_AUTHSERV_ID: trustedAuthservId }),
    ...(process.env.TRUSTED_ARC_SEALERS === undefined
      ? {}
      : { TRUSTED_ARC_SEALERS: process.env.TRUSTED_ARC_SEALERS }),
    DNS_SERVERS: place.dnsServer,
    SECRET_KEY: place.secretKey,
    PUBLIC_URL: 'http://127.0.0.1:8080',
    PURGE_ENABLED: 'true',
    POLL_SECONDS: '5',
    LOG_LEVEL: process.env.TRUST_LOG_LEVEL ?? 'silent',
    DATA_DIR: join(place.folder, 'data'),
    PURGEDESK_CONFIG: configFile(place.folder),
  };
}
