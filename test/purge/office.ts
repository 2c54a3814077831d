import { type StoreDefinition, storeSchema } from '../../src/purge/catalogue.ts';
import type { ManualStoreDefinition } from '../../src/purge/stores/manual-catalogue.ts';

export const ITEMS = [
  { item: 'shred', text: 'Shred the binder of {workspace} in the archive room' },
  { item: 'tapes', text: 'Ask the tape vault to erase {workspace}' },
];

/** A store where agents do the work: one checklist of two items, unless overridden. */
export function manualStore(overrides: Record<string, unknown> = {}): ManualStoreDefinition {
  const store: StoreDefinition = storeSchema.parse({
    name: 'office',
    kind: 'manual',
    scopes: ['workspace', 'account'],
    checklists: [{ checklist: 'binders', items: ITEMS }],
    ...overrides,
  });
  if (store.kind !== 'manual') throw new TypeError('the sample office is a manual store');
  return store;
}
