import { type Scored, scoreFolder, tally } from './scorer.ts';

const [folder = 'test/corpus/mails'] = process.argv.slice(2);
const scored = await scoreFolder(folder);

for (const each of scored.filter(({ exact }) => !exact)) {
  console.log(`${each.dangerous ? 'DANGEROUS ' : ''}${each.file}: ${each.wrong.join(', ')}`);
}
print('all', () => ['all']);
print('intent', (each) => [each.truth.intent]);
print('language', (each) => [each.lang]);
print('tag', (each) => each.tags);
print('wrong field', (each) => each.wrong);
process.exitCode = scored.some(({ dangerous }) => dangerous) ? 1 : 0;

function print(title: string, groupsOf: (each: Scored) => readonly string[]): void {
  console.log(`\n${title.padEnd(32)} mails  exact        dangerous`);
  const rows = [...tally(scored, groupsOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, { mails, exact, dangerous }] of rows) {
    const share = `${((100 * exact) / mails).toFixed(1)} %`;
    console.log(
      `${name.padEnd(32)} ${String(mails).padStart(5)} ${String(exact).padStart(6)} ${share.padStart(8)} ${String(dangerous).padStart(6)}`,
    );
  }
}
