/** Preloaded by test/support/compile-cache.ts, which says where: threads of a desk get nothing of its environment. */
import { enableCompileCache } from 'node:module';

enableCompileCache(new URL(import.meta.url).searchParams.get('in') ?? undefined);
