import pg from 'pg';
import { databaseUrl } from './place.ts';

/** A copy of `template`, to which nobody may be connected. @returns its URL */
export async function createDatabase(
  serverUrl: string,
  name: string,
  template = 'template0',
): Promise<string> {
  await onServer(serverUrl, `create database ${name} template ${template}`);
  return databaseUrl(serverUrl, name);
}

export const dropDatabase = (serverUrl: string, name: string): Promise<void> =>
  onServer(serverUrl, `drop database if exists ${name} with (force)`);

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
