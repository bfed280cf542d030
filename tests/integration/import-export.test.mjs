// Files into the store and histories out of it, with the program as people run it.
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {open, readFile, readdir, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {promisify} from 'node:util';
import {gzipSync} from 'node:zlib';

import {Gateway, program, run, temporaryDirectory} from './lib/gateway.mjs';
import {eventually, within} from './lib/wait.mjs';

let cwd;
before(async () => (cwd = await temporaryDirectory()));
after(() => rm(cwd, {recursive: true, force: true}));

const data = new URL('../data/', import.meta.url).pathname;
const at = (name) => join(cwd, name);
const database = (name) => ['--database', `sqlite:${name}.db`];
const importing = (name, ...args) => run(['import', ...args, ...database(name)], {cwd});
const exporting = (name, ...args) => run(['export', ...args, ...database(name)], {cwd});

const header = 'tracker_id,name,fix_time,latitude,longitude,speed,attributes';
const row = (id, second, more = '5.5,') =>
  `${id},Van,${new Date(1771848000000 + second * 1000).toISOString()},52.5,13.25,${more}`;

test('a store is neither made nor filled by mistake', async () => {
  await writeFile(at('one.csv'), `${header}\n${row('van', 0)}\n`);
  for (const args of [['import', 'one.csv'], ['export']]) {
    const {code, stderr} = await run([...args, ...database('typo')], {cwd});
    assert.equal(code, 1);
    assert.match(stderr, /typo\.db: there is no store here/);
  }
  assert.ok(!(await readdir(cwd)).includes('typo.db'));
  const made = await importing('strict', 'one.csv', '--create', '--tracker', '7');
  assert.equal(made.code, 0, made.stderr);
  assert.equal((await stat(at('strict.db'))).mode & 0o077, 0, 'nobody else\'s to read');
  const unknown = await importing('strict', 'one.csv');
  assert.equal(unknown.code, 1, 'nothing of it was good');
  assert.match(unknown.stdout, /one\.csv: 1 read, 0 stored, 0 there already, 1 refused\n {2}1 unknown_tracker/);
  const nobody = await importing('strict', 'one.csv', '--create', '--client', 'acme');
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /there is no client "acme"/);
});

test('what was imported is exported, and imports again as the same', async () => {
  const rows = [row('van', 0), row('"""7"""', 1, ',"{""note"":""=1+1, \\""x\\""""}"'), row('7', 2),
    row('van', 2, '0.125,'), row('\'=1+1', 3), row('van', 7200)];
  await writeFile(at('first.csv'), `${header}\n${rows.join('\n')}\n`);
  const first = await importing('first', 'first.csv', '--create');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /6 read, 6 stored, 0 there already, 0 refused\n4 trackers created/);
  const original = (await exporting('first')).stdout;
  assert.equal(original.split('\r\n').length, 8, original);
  assert.match(original, /^"""7""",Van,2026-02-23T12:00:01\.000Z,52\.5,13\.25,/m);
  assert.match(original, /^'=1\+1,/m, 'no formula for a spreadsheet');
  for (const format of ['csv', 'gpx', 'geojson']) {
    const file = `copy.${format}`;
    const out = await exporting('first', '--output', file);
    assert.equal(out.code, 0, out.stderr);
    assert.equal(out.stdout, '');
    const back = await importing(`copy-${format}`, file, '--create');
    assert.match(back.stdout, /6 read, 6 stored, 0 there already, 0 refused/, back.stderr);
    assert.equal((await exporting(`copy-${format}`)).stdout, original, format);
    const again = await importing(`copy-${format}`, file);
    assert.deepEqual([again.code, again.stdout],
      [0, `${file}: 6 read, 0 stored, 6 there already, 0 refused\n`]);
  }
  assert.ok(!(await readdir(cwd)).some((name) => name.endsWith('.part')));
});

test('an export holds what was asked for', async () => {
  const lines = (result) => {
    assert.equal(result.code, 0, result.stderr);
    return result.stdout.trim().split('\r\n').slice(1).map((line) => line.replace(/,Van.*?T(..:..:..).*/, ' $1'));
  };
  assert.deepEqual(lines(await exporting('first', '--tracker', 'van', '--tracker', '7')),
    ['van 12:00:00', 'van 12:00:02', 'van 14:00:00', '7 12:00:02']);
  assert.deepEqual(lines(await exporting('first', '--from', '2026-02-23T12:00:02Z', '--to',
    '2026-02-23T12:00:03Z')), ['van 12:00:02', '7 12:00:02']);
  assert.deepEqual(lines(await exporting('first', '--from', '2026-02-24')), []);
  const gpx = (await exporting('first', '--format', 'gpx', '--tracker', 'van')).stdout;
  assert.equal(gpx.match(/<trkseg>/g).length, 2, 'split where two hours lie between');
  const {features} = JSON.parse((await exporting('first', '--format', 'geojson', '--lines',
    '--gap', '10000', '--tracker', 'van')).stdout);
  assert.deepEqual(features.map((feature) => feature.geometry.type), ['LineString']);
  assert.equal(features[0].properties.coordTimes.length, 3);
  for (const [args, message] of [
    [['--tracker', 'nobody'], /there is no tracker "nobody"/],
    [['--from', 'yesterday'], /--from: "yesterday" is no time/],
    [['--output', 'x.zip'], /"zip" is no format to write/],
    [['--output', 'no/such/directory.csv'], /no\/such\/directory\.csv\.part: No such file/],
  ]) {
    const {code, stderr} = await exporting('first', ...args);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
  }
  const full = await promisify(execFile)('sh', ['-c',
    `"${program}" export --database sqlite:first.db > /dev/full`], {cwd}).catch((error) => error);
  assert.equal(full.code, 1);
  assert.match(full.stderr, /standard output: No space left/);
});

test('recordings of devices go in', async () => {
  const gpx = await importing('devices', join(data, 'korita-zbevnica.gpx'), '--create');
  assert.match(gpx.stdout, /513 stored, 0 there already, 360 refused\n {2}358 missing_time\n {2}2 waypoint/);
  const nmea = await importing('devices', join(data, 'telit-he910.nmea'), '--create', '--tracker', 'modem');
  assert.equal(nmea.code, 0, nmea.stderr);
  assert.match(nmea.stdout, / no_fix\n1 trackers created/);
  const ais = '!AIVDM,1,1,,A,139>Jh@P1sPeDI0NW>`3K2ht0000,0*4A\r\n';
  await writeFile(at('ships.nmea'), ais + ais);
  assert.match((await importing('devices', 'ships.nmea', '--create')).stdout, /2 missing_time/);
  assert.match((await importing('devices', 'ships.nmea', '--create', '--start', '2026-02-23T12:00:00Z')).stdout,
    /2 read, 1 stored, 1 there already/);
  const ship = (await exporting('devices', '--tracker', '211000001')).stdout.split('\r\n')[1];
  assert.match(ship, /^"""211000001""",211000001,2026-02-23T12:00:30\.000Z,53\.5\d*,9\.9\d*,,10,6\.328,87\.6,88,/);
});

test('bad files are told and do not keep the good ones out', async () => {
  const good = `${header}\n${row('van', 0)}\n`;
  const packed = gzipSync(`${header}\n${Array.from({length: 5000}, (_, i) => row('van', i)).join('\n')}\n`);
  const files = {
    'entity.gpx': '<!DOCTYPE gpx [<!ENTITY a "b">]><gpx>&a;</gpx>',
    'cut.gpx': '<gpx><trk><trkseg><trkpt lat="1" lon="2"><time>2026-02-23T12:00:00Z</time></trkpt>',
    'nothing.csv': '',
    'columns.csv': 'a,b\n1,2\n',
    'cut.csv.gz': packed.subarray(0, packed.length - 20),
    'not.geojson': '{"type":"Topology"}',
    'rubbish.nmea': Buffer.alloc(100_000, 'x'),
    'good.csv': good,
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(at(name), bytes);
  const {code, stdout, stderr} = await importing('bad', ...Object.keys(files), 'missing.csv', 'what',
    '--create');
  assert.equal(code, 1);
  for (const message of [/entity\.gpx: line 1: a document type is not allowed/,
    /cut\.gpx: line 1: no element found/, /nothing\.csv: there is no header line/,
    /columns\.csv: no column for the latitude/, /cut\.csv\.gz: unexpected end of file/,
    /not\.geojson: the document is no FeatureCollection/, /missing\.csv: No such file/,
    /what: its name does not say what it is/]) {
    assert.match(stderr, message);
  }
  assert.match(stdout, /cut\.gpx: 1 read, 1 stored/, 'what came before the fault is good');
  assert.match(stdout, /rubbish\.nmea: 1 read, 0 stored, 0 there already, 1 refused\n {2}1 too_long/);
  assert.match(stdout, /good\.csv: 1 read, 1 stored|good\.csv: 1 read, 0 stored, 1 there already/);
});

/** Runs an import and finds the most memory it ever had, in KiB. */
async function peakOf(args) {
  const child = spawn(program, ['import', ...args], {cwd, stdio: ['ignore', 'pipe', 'inherit']});
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const closed = once(child, 'close');
  let peak = 0;
  while (child.exitCode === null) {
    const text = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 10))]);
  }
  await closed;
  assert.equal(child.exitCode, 0, stdout);
  return {peak, stdout};
}

test('the memory of an import does not grow with its file', async () => {
  const rows = (count) => Array.from({length: count}, (_, i) => row(`van${i % 10}`, i)).join('\n');
  await writeFile(at('small.csv'), `${header}\n${rows(10_000)}\n`);
  await writeFile(at('big.csv.gz'), gzipSync(`${header}\n${rows(200_000)}\n`, {level: 1}));
  const small = await peakOf(['small.csv', '--create', ...database('small')]);
  const big = await peakOf(['big.csv.gz', '--create', ...database('big')]);
  assert.match(big.stdout, /200,000 read, 200,000 stored/);
  assert.ok(big.peak < small.peak + 16_384, `${small.peak} KiB, then ${big.peak} KiB`);
  const out = await exporting('big', '--output', 'big.gpx');
  assert.match(out.stderr, /200,000 positions of 10 trackers/);
});

test('an import that is stopped keeps what it has and may be run again', async () => {
  await promisify(execFile)('mkfifo', [at('line.csv')]);
  const child = spawn(program, ['import', 'line.csv', '--create', ...database('line')], {cwd});
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const closed = once(child, 'close');
  const line = await open(at('line.csv'), 'w');
  let second = 0;
  const more = () => line.write(Array.from({length: 4000}, () => `${row('van', second++)}\n`).join(''));
  await line.write(`${header}\n`);
  await more();
  await eventually(async () => (await exporting('line')).stdout.split('\r\n').length > 2000,
    'positions in the store');
  child.kill('SIGINT');
  while (child.exitCode === null) {
    const written = more().catch((error) => error.code);
    if ((await Promise.race([written, closed.then(() => 'EPIPE')])) === 'EPIPE') break;
  }
  await within(closed, 'the end of the import');
  await line.close().catch(() => {});
  assert.equal(child.exitCode, 130, stderr);
  assert.match(stderr, /stopped; run it again to go on/);
  const stored = Number(/([\d,]+) stored/.exec(stdout)[1].replaceAll(',', ''));
  assert.ok(stored >= 2000, stdout);
  await writeFile(at('whole.csv'),
    `${header}\n${Array.from({length: 8000}, (_, i) => row('van', i)).join('\n')}\n`);
  const again = await importing('line', 'whole.csv');
  assert.equal(again.code, 0);
  const there = Number(/([\d,]+) there already/.exec(again.stdout)[1].replaceAll(',', ''));
  assert.equal(there, Math.min(stored, 8000));
});

test('a running server shows the trackers that were imported', async () => {
  const gateway = await Gateway.start();
  await writeFile(join(gateway.directory, 'one.csv'), `${header}\n${row('imported', 0)}\n`);
  const done = await run(['import', 'one.csv', '--create', '--public'], {cwd: gateway.directory});
  assert.equal(done.code, 0, done.stderr);
  await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/api/trackers`);
    const text = await response.text();
    return response.ok && text.includes('"imported"');
  }, 'the tracker on the map');
  await gateway.stop();
});
