/** The public suite for RFC 7208 as Debian ships it, brought into the shapes of our DNS server. */

import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { NameRecords, Zone } from '../../../src/sandbox/dns-server.ts';

const FOLDER = '/usr/share/gocode/src/blitiri.com.ar/go/spf/testdata';

export interface Scenario {
  readonly title: string;
  readonly zone: Zone;
  readonly cases: readonly Case[];
}

export interface Case {
  readonly name: string;
  readonly ip: string;
  readonly helo: string;
  /** Empty = the null sender. */
  readonly mailFrom: string;
  /** Any of them is right. */
  readonly results: readonly string[];
}

/** @throws Error with the command that installs the suite, when it is not there */
export async function readSpfSuite(file: string): Promise<readonly Scenario[]> {
  const text = await readFile(`${FOLDER}/${file}`, 'utf8').catch(() => {
    throw new Error('this needs the suites of RFC 7208: apt-get install golang-blitiri-go-spf-dev');
  });
  return parseAllDocuments(text, { uniqueKeys: false })
    .map((document) => document.toJS() as RawScenario | null)
    .filter((scenario) => scenario !== null)
    .map((scenario) => ({
      title: scenario.description,
      zone: zoneOf(scenario.zonedata ?? {}),
      cases: Object.entries(scenario.tests).map(([name, raw]) => ({
        name,
        ip: raw.host,
        helo: raw.helo,
        mailFrom: raw.mailfrom ?? '',
        results: [raw.result].flat(),
      })),
    }));
}

interface RawScenario {
  readonly description: string;
  readonly tests: Readonly<Record<string, RawCase>>;
  readonly zonedata?: Readonly<Record<string, readonly RawRecord[]>>;
}

interface RawCase {
  readonly host: string;
  readonly helo: string;
  readonly mailfrom?: string;
  readonly result: string | readonly string[];
}

type RawRecord = Readonly<Record<string, unknown>>;

function zoneOf(raw: NonNullable<RawScenario['zonedata']>): Zone {
  const records: Record<string, NameRecords> = {};
  const silent: string[] = [];
  for (const [name, entries] of Object.entries(raw)) {
    const of = (type: string) => entries.flatMap((entry) => (type in entry ? [entry[type]] : []));
    if (of('TIMEOUT').length > 0) silent.push(name);
    // The type SPF is gone: what stands there is meant for TXT, unless the name says what its TXT is.
    const texts = of('TXT').length > 0 ? of('TXT') : of('SPF');
    const [alias] = of('CNAMELOOP').length > 0 ? [name] : (of('CNAME') as string[]);
    records[name] = {
      TXT: texts.filter((value) => value !== 'NONE').map(stringsOf),
      A: of('A') as string[],
      AAAA: of('AAAA') as string[],
      MX: (of('MX') as [number, string][]).map(([preference, exchange]) => ({ preference, exchange })),
      PTR: (of('PTR') as string[]).map(withoutDot),
      ...(alias === undefined ? {} : { CNAME: withoutDot(alias) }),
    };
  }
  return { records, silent };
}

const withoutDot = (name: string): string => name.replace(/\.$/, '');

/** Each character of the file stands for one byte; no string is longer than DNS allows, and none is missing. */
function stringsOf(value: unknown): readonly Uint8Array[] {
  const strings = [value].flat().flatMap((text) => String(text).match(/[\s\S]{1,255}/g) ?? ['']);
  return (strings.length === 0 ? [''] : strings).map((text) => Buffer.from(text, 'latin1'));
}
