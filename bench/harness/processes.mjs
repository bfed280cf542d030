// Starting, pinning and stopping the programs of a run.
import {execFile, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/** Processors: servers on one, the generator on the other, so that neither takes time of the other. */
export const SERVER_CPU = '0';
export const LOAD_CPU = '1';
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const LOAD_LIMIT_MS = 120_000;
const KEPT_LINES = 20;

const running = new Set();

/** Ends whatever is still running; for signals and the end of the program. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Makes this program, when it is told to end, end what it started first. */
export function killOnSignal() {
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]]) {
    process.once(signal, () => {
      killAll();
      process.exit(128 + number);
    });
  }
}

/**
 * Starts a server on its processor and waits for its line `listening http://...`.
 * @returns {Promise<{url: string, pid: number, stop: () => Promise<void>}>}
 */
export async function startServer(command, args, options) {
  const {found, ...server} = await startProgram(command, args,
    /listening (https?:\/\/127\.[0-9.]+:\d+)/, options);
  return {url: found[1], ...server};
}

/**
 * Starts a program on its processors and waits for a line that matches.
 * @returns {Promise<{found: RegExpExecArray, pid: number, stop: () => Promise<void>}>}
 */
export function startProgram(command, args, line, {cwd, env, processors = SERVER_CPU} = {}) {
  // taskset becomes the program it starts, so the process id is the program's.
  const child = spawn('taskset', ['-c', processors, command, ...args], {
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
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${command} ${why}\n${lines.join('\n')}`));
    };
    const timer = setTimeout(() => giveUp('did not start in time'), START_LIMIT_MS);
    child.once('error', (error) => giveUp(error.message));
    child.once('exit', (code) => giveUp(`ended with code ${code}`));
    const onLine = (text) => {
      lines.push(text);
      if (lines.length > KEPT_LINES) lines.shift();
      const found = line.exec(text);
      if (!found) return;
      clearTimeout(timer);
      resolve({found, pid: child.pid, stop: () => stop(child, ended)});
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

/** Runs a program to its end and returns what it printed. Rejects when it fails or takes too long. */
export function capture(command, args, {cwd, env, limit = START_LIMIT_MS} = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args,
      {cwd, env: {...process.env, ...env}, timeout: limit, maxBuffer: 64 << 20},
      (error, stdout, stderr) => {
        running.delete(child);
        if (error) reject(new Error(`${command}: ${stderr || error.message}`));
        else resolve(stdout);
      });
    running.add(child);
  });
}

/**
 * Runs the generator on its processor and returns its report. A run that lost a message has one,
 * too, and says so in `delivery.exact`. Rejects when there is no report. `options` make the program
 * report as JSON.
 */
export function runLoad(program, args, env = {}, options = ['--json'], {
  processors = LOAD_CPU, limit = LOAD_LIMIT_MS} = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile('taskset', ['-c', processors, program, ...options, ...args],
      {env: {...process.env, ...env}, timeout: limit, killSignal: 'SIGKILL', maxBuffer: 64 << 20},
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
