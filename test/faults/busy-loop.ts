/** Loaded into a desk before it starts (`node --import`): on SIGUSR2 its event loop stands still, as in a bad computation. */

/** More than the five seconds of the promise. */
const BUSY_MS = 6_500;

process.on('SIGUSR2', () => {
  for (const end = performance.now() + BUSY_MS; performance.now() < end; );
});
