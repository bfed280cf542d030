// Starting, pinning and stopping the programs of a run.
import {execFile, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/** Processors: servers on one, the generator on the other, so that neither takes time of the other. */
const SERVER_CPU = '0';
const LOAD_CPU = '1';
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const LOAD_LIMIT_MS = 120_000;
const KEPT_LINES = 20;

const running = new Set();

/** Ends whatever is still running; for signals and the end of the program. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Starts a server on its processor and waits for its line `listening http://...`.
 * @returns {Promise<{url: string, pid: number, stop: () => Promise<void>}>}
 */
export function startServer(command, args, {cwd, env} = {}) {
  // taskset becomes the program it starts, so the process id is the server's.
  const child = spawn('taskset', ['-c', SERVER_CPU, command, ...args], {
    cwd,
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  }).then(() => running.delete(child));
  return new Promise((resolve, reject) => {
    const lines = [];
    const giveUp = (why) => {
      child.kill('SIGKILL');
      reject(new Error(`${why}\n${lines.join('\n')}`));
    };
    const timer = setTimeout(() => giveUp('did not listen in time'), START_LIMIT_MS);
    child.once('error', (error) => giveUp(error.message));
    child.once('exit', (code) => giveUp(`ended with code ${code}`));
    const onLine = (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      const found = /listening (http:\/\/127\.[0-9.]+:\d+)/.exec(line);
      if (!found) return;
      clearTimeout(timer);
      resolve({url: found[1], pid: child.pid, stop: () => stop(child, ended)});
    };
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({input: stream}).on('line', onLine);
    }
  });
}

async function stop(child, ended) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

/** Runs a short program to its end and returns what it printed. Rejects when it fails. */
export function capture(command, args, {cwd, env} = {}) {
  return new Promise((resolve, reject) => {
    execFile(command, args, {cwd, env: {...process.env, ...env}, timeout: START_LIMIT_MS},
      (error, stdout, stderr) =>
        error ? reject(new Error(`${command}: ${stderr || error.message}`)) : resolve(stdout));
  });
}

/**
 * Runs the generator on its processor and returns its report. A run that lost a message has one,
 * too, and says so in `delivery.exact`. Rejects when there is no report. `options` make the program
 * report as JSON.
 */
export function runLoad(program, args, env = {}, options = ['--json']) {
  return new Promise((resolve, reject) => {
    const child = execFile('taskset', ['-c', LOAD_CPU, program, ...options, ...args],
      {env: {...process.env, ...env}, timeout: LOAD_LIMIT_MS, killSignal: 'SIGKILL'},
      (error, stdout, stderr) => {
        running.delete(child);
        try {
          resolve(JSON.parse(stdout));
        } catch {
          reject(new Error(stderr.trim() || `the generator ended without a report: ${error}`));
        }
      });
    running.add(child);
  });
}
