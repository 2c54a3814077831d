import { readFile } from 'node:fs/promises';
import { PurgedeskError } from '../domain/errors.ts';
import { faultCode } from '../domain/fault.ts';

/** A file that a person named on the command line. @throws PurgedeskError PD_USAGE when it cannot be read */
export async function readInput(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new PurgedeskError('PD_USAGE', `a file cannot be read (${faultCode(error)}); nothing was done`, {
      cause: error,
    });
  }
}
