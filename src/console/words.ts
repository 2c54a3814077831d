/** "5 tries", "1 try". */
export const tries = (left: number): string => (left === 1 ? '1 try' : `${left} tries`);
