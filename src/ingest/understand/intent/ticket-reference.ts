/** `PD-1042`, upper case. */
export function ticketIn(text: string): string | null {
  if (!/pd-/i.test(text)) return null;
  return (
    /(?<![\p{Script=Latin}\p{N}_-])PD-([1-9]\d{0,14})(?![\p{Script=Latin}\p{N}_]|-\d)/iu
      .exec(text.slice(0, 20_000))?.[0]
      .toUpperCase() ?? null
  );
}
