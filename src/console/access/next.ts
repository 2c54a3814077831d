/** Where a page leads back to: a path of this desk, whatever was asked for. @returns without the base */
export function localPath(text: unknown): string {
  if (typeof text !== 'string' || text.length > 1_024 || !/^\/(?![/\\])[!-[\]-~]*$/.test(text)) return HOME;
  // What a browser makes of it must still be here.
  return new URL(text, HERE).origin === HERE ? text : HOME;
}

const HOME = '/queue';
const HERE = 'http://here.invalid';
