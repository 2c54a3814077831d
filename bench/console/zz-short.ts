import pg from 'pg'; import { readFileSync } from 'node:fs';
import { buildConsole } from '../../src/console/server.ts';
import { consoleAreas } from '../../src/commands/console/areas.ts';
import { consolePorts } from '../../src/commands/console-ports.ts';
import { SESSION_COOKIE } from '../../src/console/access/guard.ts';
import { openAccess, startSession } from '../../src/console/access/sessions.ts';
import { openBenchDesk } from '../desk.ts';
import { measure } from './measure.ts';
import { pages } from '../console.ts';
const url = readFileSync('/tmp/h6/p2/url','utf8');
const desk = openBenchDesk(url, '127.0.0.1:1');
const app = await buildConsole({ ports: consolePorts(desk), access: openAccess(desk.db), areas: consoleAreas(desk), publicUrl: 'http://127.0.0.1', log: console.log });
const client = new pg.Client({ connectionString: url }); await client.connect();
const cookie = `${SESSION_COOKIE}=${await startSession(desk.db, 1)}`;
for (const page of pages(300_000)) {
  const f = await measure({ app, db: desk.db, client, cookie, rounds: 25 }, page);
  console.log(page.name, '|', f.page.p50.toFixed(1), f.page.p95.toFixed(1), '|', f.sql.p50.toFixed(1), f.sql.p95.toFixed(1), '|', f.ratio.toFixed(2), f.scans.join(' '));
}
await client.end(); await app.close(); await desk.close();
