import { readFileSync } from 'node:fs';

export type Weight = 'regular' | 'bold';

/** Font files by weight. Those behind the first are opened only for letters that it lacks. */
export type CertificateFonts = Readonly<Record<Weight, readonly Uint8Array[]>>;

/** Source Sans 3 (SIL Open Font License 1.1), which the page carries within itself. */
export function loadCertificateFonts(): CertificateFonts {
  const files = new URL('files/', import.meta.resolve('@fontsource/source-sans-3/LICENSE'));
  const load = (weight: number) =>
    SCRIPTS.map((script) => readFileSync(new URL(`source-sans-3-${script}-${weight}-normal.woff`, files)));
  return { regular: load(400), bold: load(600) };
}

const SCRIPTS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'];
