import { PurgedeskError } from '../../domain/errors.ts';
import type { StoreCatalogue } from '../catalogue.ts';
import type { Store, Stores } from '../store.ts';
import { openPostgresStore } from './postgres.ts';

/** Opens every store of the catalogue. Nothing connects before it is used. */
export function openStores(catalogue: StoreCatalogue): Stores {
  const stores = new Map<string, Store>(
    catalogue.map((definition) => [definition.name, openPostgresStore(definition)]),
  );
  return {
    get: (name) => {
      const store = stores.get(name);
      if (store === undefined) {
        throw new PurgedeskError('PD_STORE_INVALID', 'a step names a store that is not configured', {
          details: { store: name },
          remedy: 'Configure the store again, or rehearse the ticket anew.',
        });
      }
      return store;
    },
    close: async () => {
      await Promise.all([...stores.values()].map((store) => store.close()));
    },
  };
}
