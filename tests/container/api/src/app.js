// Stands in for the MORSE API: asks the database at GET /health, tells of its process at GET /process,
// leaves an orphan behind at POST /orphan, and ends with code 42 on SIGTERM.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const { Client } = require('pg');

const CODE_ON_SIGTERM = 42;

async function health() {
  const client = new Client({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 3000 });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT count(*)::int AS workouts FROM workouts');
    return { status: 'ok', ...rows[0] };
  } finally {
    await client.end();
  }
}

function statusOf(pid) {
  const lines = fs.readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2)));
}

function processes() {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const { Name: name, State: state, PPid: parent } = statusOf(pid);
      return [{ pid: Number(pid), name, state: state[0], parent: Number(parent) }];
    } catch (error) {
      return []; // It ended meanwhile.
    }
  });
}

function facts() {
  return {
    pid: process.pid,
    parent: process.ppid,
    uid: process.getuid(),
    gid: process.getgid(),
    cwd: process.cwd(),
    processes: processes(),
  };
}

// The shell ends at once and leaves its background process to the init.
function orphan() {
  return new Promise((resolve) => {
    const shell = spawn('sh', ['-c', '(exec true) & echo $!'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let pid = '';
    shell.stdout.on('data', (text) => { pid += text; });
    shell.on('close', () => resolve({ pid: Number(pid) }));
  });
}

const ROUTES = { 'GET /health': health, 'GET /process': facts, 'POST /orphan': orphan };

const server = http.createServer(async (request, response) => {
  const route = ROUTES[`${request.method} ${request.url}`];
  try {
    const body = route ? await route() : { error: 'no such route' };
    response.writeHead(route ? 200 : 404, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  } catch (error) {
    response.writeHead(503, { connection: 'close' });
    response.end(JSON.stringify({ status: 'unavailable', error: error.code }));
  }
});

process.on('SIGTERM', () => {
  server.close();
  process.exit(CODE_ON_SIGTERM);
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('The stand-in API answers.'));
