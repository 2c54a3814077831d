import pg from 'pg'; import { readFileSync } from 'node:fs';
import { buildConsole } from '../../src/console/server.ts';
import { consoleAreas } from '../../src/commands/console/areas.ts';
import { consolePorts } from '../../src/commands/console-ports.ts';
import { SESSION_COOKIE } from '../../src/console/access/guard.ts';
import { openAccess, startSession } from '../../src/console/access/sessions.ts';
import { openBenchDesk } from '../desk.ts';
const url = readFileSync('/tmp/h6/p2/url','utf8');
const desk = openBenchDesk(url, '127.0.0.1:1');
const app = await buildConsole({ ports: consolePorts(desk), access: openAccess(desk.db), areas: consoleAreas(desk), publicUrl: 'http://127.0.0.1', log: console.log });
const client = new pg.Client({ connectionString: url }); await client.connect();
const cookie = `${SESSION_COOKIE}=${await startSession(desk.db, 1)}`;
let st: any[] = []; desk.db.on('query', (q: any) => st.push(q));
for (const u of process.argv.slice(2)) {
  for (let i = 0; i < 5; i++) { st = []; const b = performance.now(); const a = await app.inject({ url: u, headers: { cookie } }); if (i === 4) console.log('##', u, a.statusCode, (performance.now() - b).toFixed(1)); }
  for (const { sql, bindings } of [...st]) {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) { const b = performance.now(); await client.query(sql, bindings ?? []); times.push(performance.now() - b); }
    let plan = '';
    if (/^\s*(select|with)/i.test(sql)) { const e = await client.query('explain (analyze, summary) ' + sql, bindings ?? []); const lines = e.rows.map((r: any) => r['QUERY PLAN']); plan = lines.slice(-6).filter((l: string) => /Planning Time|Execution Time|JIT/.test(l)).join(' '); if (process.env.FULL && Math.min(...times) > Number(process.env.FULL)) console.log(lines.join('\n')); }
    console.log(Math.min(...times).toFixed(1), sql.trim().replace(/\s+/g, ' ').slice(0, 110), plan);
  }
}
await client.end(); await app.close(); await desk.close();
