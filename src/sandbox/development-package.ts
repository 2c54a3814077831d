import { PurgedeskError } from '../domain/errors.ts';

/**
 * Loads a package that is a development dependency, because only the sandbox needs it.
 * @throws PurgedeskError PD_SANDBOX_UNAVAILABLE where it is not installed
 */
export async function loadDevelopmentPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new PurgedeskError('PD_SANDBOX_UNAVAILABLE', `the sandbox needs the package ${name}`, {
      remedy: 'install the development dependencies (npm ci), or configure a real mailbox and database',
      cause,
    });
  }
}
