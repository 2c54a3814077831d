/** Numbers as people read them. */
import { COUNT_MAX } from './read-operations.ts';

/** "1 234", and "more than 10 000" where nobody counted further. */
export const howMany = (count: number): string =>
  count > COUNT_MAX && count <= COUNT_MAX + 1 ? `more than ${grouped(COUNT_MAX)}` : grouped(count);

/** Groups of three, with spaces that do not break. */
const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** At most two units: "45 s", "12 min", "3 h 5 min", "2 d 3 h". */
export function durationInWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The beginning of a long fingerprint, in groups of four. */
export const beginningOf = (hex: string): string => (hex.slice(0, 16).match(/.{1,4}/g) ?? []).join(' ');
