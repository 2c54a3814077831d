/** The zone file, in the shapes that people write, as the name server takes it. */
import { z } from 'zod';
import type { NameRecords, Zone } from '../../../src/sandbox/dns-server.ts';
import { UsageError } from './options.ts';

const text = z.string();
/** A list, or the only entry of one. */
const listOf = <T extends z.ZodType>(entry: T) =>
  z.union([z.array(entry), entry.transform((one) => [one])]) as z.ZodType<z.output<T>[]>;

const exchange = z.union([
  z
    .object({ exchange: text, preference: z.int().optional(), priority: z.int().optional() })
    .transform((mx) => ({ exchange: mx.exchange, preference: mx.preference ?? mx.priority ?? 10 })),
  text.transform((words) => {
    const found = /^\s*(\d+)\s+(\S+)\s*$/.exec(words);
    return { exchange: found?.[2] ?? words.trim(), preference: Number(found?.[1] ?? 10) };
  }),
]);

const records = z.record(
  text,
  z.preprocess(
    (value) =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([type, data]) => [type.toUpperCase(), data]))
        : value,
    z.object({
      TXT: z.union([z.array(z.union([text, z.array(text)])), text.transform((one) => [one])]).optional(),
      A: listOf(text).optional(),
      AAAA: listOf(text).optional(),
      MX: listOf(exchange).optional(),
      PTR: listOf(text).optional(),
      CNAME: listOf(text).optional(),
    }),
  ),
);

const zone = z.object({ records: records.default({}), servfail: listOf(text).default([]) });

/** @throws UsageError */
export function zoneOf(value: unknown, path: string): Zone {
  const read = zone.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new UsageError(`--zone: ${path}: ${issue?.path.map(String).join('.')}: ${issue?.message}`);
  }
  return {
    records: Object.fromEntries(
      Object.entries(read.data.records).map(([name, { CNAME, ...found }]) => {
        const alias = CNAME?.[0];
        const known = { ...found, ...(alias === undefined ? {} : { CNAME: alias }) };
        return [name, Object.fromEntries(Object.entries(known).filter(([, data]) => data !== undefined))];
      }),
    ) as Record<string, NameRecords>,
    servfail: read.data.servfail,
  };
}
