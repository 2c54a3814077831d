/** `npm run bench -- NAME`: prints medians and ratios of one run, beside a bound measured in the same run. */
import { benchConsole } from './console.ts';
import { benchIngest } from './ingest.ts';
import { benchOwnText } from './own-text.ts';
import { benchPurge } from './purge.ts';
import { machineFacts } from './report.ts';
import { benchStages } from './stages.ts';
import { benchStorm } from './storm.ts';
import { benchUnderstand } from './understand.ts';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  console: () => benchConsole(process.argv[3] === undefined ? undefined : Number(process.argv[3])),
  ingest: () => benchIngest(process.argv.slice(3)),
  'own-text': () => benchOwnText(process.argv[3]),
  purge: () => benchPurge(process.argv.slice(3)),
  stages: benchStages,
  storm: () => benchStorm(process.argv[3] === undefined ? undefined : Number(process.argv[3])),
  understand: () => benchUnderstand(process.argv[3]),
};

const name = process.argv[2] ?? '';
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`npm run bench -- NAME, where NAME is one of: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  console.log(machineFacts());
  await bench();
}
