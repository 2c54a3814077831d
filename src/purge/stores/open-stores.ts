import type { Knex } from 'knex';
import { PurgedeskError } from '../../domain/errors.ts';
import type { StoreCatalogue, StoreDefinition } from '../catalogue.ts';
import type { Store, Stores } from '../store.ts';
import { openHttpStore } from './http.ts';
import { openManualStore } from './manual.ts';
import { openMysqlStore } from './mysql.ts';
import { openPostgresStore } from './postgres.ts';
import { openS3Store } from './s3.ts';

/**
 * Opens every store of the catalogue. Nothing connects before it is used.
 * @param db - the desk's own database, where checklists are kept
 */
export function openStores(catalogue: StoreCatalogue, db: Knex): Stores {
  const stores = new Map<string, Store>(
    catalogue.map((definition) => [definition.name, openStore(definition, db)]),
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

function openStore(definition: StoreDefinition, db: Knex): Store {
  switch (definition.kind) {
    case 'postgres':
      return openPostgresStore(definition);
    case 'mysql':
      return openMysqlStore(definition);
    case 's3':
      return openS3Store(definition);
    case 'http':
      return openHttpStore(definition);
    case 'manual':
      return openManualStore(definition, db);
  }
}
