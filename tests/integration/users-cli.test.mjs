import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdir, readFile, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';

import {Gateway, program, run, temporaryDirectory} from './lib/gateway.mjs';
import {tokenOf, me} from './lib/users.mjs';
import {eventually, within} from './lib/wait.mjs';

const password = 'correct horse battery staple';

let cwd;
before(async () => (cwd = await temporaryDirectory()));
after(() => rm(cwd, {recursive: true, force: true}));

const user = (args, input) => run(['user', ...args], {cwd, input});
const listed = async () => JSON.parse((await user(['list', '--json'])).stdout);

test('nothing but a first user makes a store', async () => {
  for (const args of [['list'], ['disable', 'ada'], ['passwd', 'ada'], ['set', 'ada', '--role', 'x']]) {
    const {code, stderr} = await user(args, `${password}\n`);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, /trackwire\.db: there is no store here/);
  }
  assert.deepEqual(await readdir(cwd), []);
});

test('users are added, listed and changed', async () => {
  const added = await user(['add', 'Ada', '--client', '7', '--client', 'acme', '--permission',
    'notifications:publish', '--role', 'admin', '--role', 'user'], `${password}\r\nmore\n`);
  assert.deepEqual([added.code, added.stdout], [0, 'added Ada to sqlite:trackwire.db\n']);
  assert.equal((await user(['add', 'Zoë Ångström'], `${password}`)).code, 0);
  assert.equal((await stat(join(cwd, 'trackwire.db'))).mode & 0o077, 0, 'nobody else\'s to read');
  const [ada, zoe] = await listed();
  assert.equal(ada.name, 'Ada');
  assert.deepEqual(ada.roles, ['admin', 'user']);
  assert.deepEqual(ada.clients, [7, 'acme']);
  assert.deepEqual(ada.permissions, ['notifications:publish']);
  assert.equal(ada.disabled, false);
  assert.ok(Math.abs(new Date(ada.created_at) - Date.now()) < 60_000);
  assert.deepEqual(Object.keys(ada), ['name', 'roles', 'clients', 'permissions', 'disabled',
    'created_at', 'changed_at']);
  assert.deepEqual(zoe.roles, ['user'], 'unless told otherwise');

  assert.equal((await user(['set', 'ADA', '--no-permissions', '--role', 'user'])).code, 0);
  assert.equal((await user(['disable', 'ZOË ångström'])).stdout, 'disabled Zoë Ångström\n');
  const [changed, off] = await listed();
  assert.deepEqual([changed.roles, changed.clients, changed.permissions], [['user'], [7, 'acme'], []]);
  assert.equal(off.disabled, true);
  assert.ok(changed.changed_at > changed.created_at);

  const table = (await user(['list'])).stdout.split('\n');
  assert.match(table[0], /^NAME {2,}STATE {2,}ROLES/);
  assert.match(table[1], /^Ada {2,}enabled {2,}user {2,}7,"acme" {2,}- {2,}20/);
  assert.match(table[2], /^Zoë Ångström {2}disabled {2,}user /);
  assert.equal(table[1].indexOf('enabled'), table[0].indexOf('STATE'));
  assert.ok(!table.join('').includes('argon2'));
});

test('what cannot be is refused, and nothing changes', async () => {
  const before = await listed();
  const cases = [
    [['add', 'ada'], password, 1, /there is a user Ada already/],
    [['add', 'Bob'], 'seven77', 2, /at least 8 characters/],
    [['add', 'Bob'], 'x'.repeat(1_025), 2, /at most 1024 bytes/],
    [['add', 'Bob'], '', 1, /no password/],
    [['add', ''], password, 2, /a name has 1 to 256 bytes/],
    [['add', ' Bob'], password, 2, /no spaces at its ends/],
    [['add', 'B\nob'], password, 2, /no control characters/],
    [['add', 'b'.repeat(257)], password, 2, /1 to 256 bytes/],
    [['add', 'Bob', '--client', ''], password, 2, /is not text of|1 required|no id/],
    [['add', 'Bob', '--client', '1.5'], password, 2, /is no id/],
    [['add'], password, 2, /name is required/],
    [['disable', 'nobody'], '', 1, /there is no user nobody/],
    [['passwd', 'nobody'], password, 1, /there is no user nobody/],
    [['passwd', 'ada'], 'short', 2, /at least 8/],
    [['set', 'nobody', '--role', 'user'], '', 1, /there is no user nobody/],
    [['set', 'ada'], '', 2, /say what to change/],
    [['set', 'ada', '--role', 'user', '--no-roles'], '', 2, /not both/],
    [['remove', 'ada'], '', 2, /./],
    [[], '', 2, /subcommand/i],
  ];
  for (const [args, input, code, message] of cases) {
    const out = await user(args, input === '' ? '' : `${input}\n`);
    assert.equal(out.code, code, `${args.join(' ')}: ${out.stderr}`);
    assert.match(out.stderr, message, args.join(' '));
    assert.equal(out.stdout, '');
    if (input) assert.ok(!out.stderr.includes(input));
  }
  assert.deepEqual(await listed(), before);
  const memory = await run(['user', 'list', '--database', 'sqlite::memory:'], {cwd});
  assert.equal(memory.code, 2);
});

/** Runs the program at a terminal of its own; `steps` are [what to wait for, what to type]. */
async function atTerminal(args, steps, then) {
  const script = `
import os, pty, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
sys.stdout.write("%d\\n" % pid); sys.stdout.flush()
import select
while True:
    ready, _, _ = select.select([fd, 0], [], [])
    if fd in ready:
        try: data = os.read(fd, 4096)
        except OSError: data = b""
        if not data: break
        os.write(2, data)
    if 0 in ready:
        typed = os.read(0, 4096)
        if not typed: break
        os.write(fd, typed)
        sys.stdout.write("typed\\n"); sys.stdout.flush()
echo = termios.tcgetattr(fd)[3] & termios.ECHO
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.write("echo=%d code=%d\\n" % (1 if echo else 0, code)); sys.stdout.flush()
`;
  const child = spawn('python3', ['-c', script, program, ...args], {cwd});
  let screen = '';
  let told = '';
  child.stderr.on('data', (chunk) => (screen += chunk));
  child.stdout.on('data', (chunk) => (told += chunk));
  const closed = once(child, 'close');
  await eventually(() => /^\d+\n/.test(told), 'the program to start');
  const pid = Number(told.split('\n')[0]);
  let seen = 0;
  for (const [text, typed] of steps) {
    await eventually(() => screen.indexOf(text, seen) >= 0, `${text} in ${screen}`);
    seen = screen.indexOf(text, seen) + text.length;
    child.stdin.write(typed);
  }
  // What comes only after the program's end is shown by the terminal itself.
  const typings = () => told.split('typed\n').length - 1;
  await eventually(() => typings() === steps.length, 'the terminal to have what was typed');
  await then?.(pid, () => screen);
  await within(closed, 'the end of the program');
  const [, echo, code] = /echo=(\d) code=(-?\d+)/.exec(told);
  return {screen, echo: Number(echo), code: Number(code)};
}

test('at a terminal the password is asked for twice and not shown', async () => {
  const out = await atTerminal(['user', 'add', 'Tia'],
    [['New password: ', `${password}\n`], ['Once more: ', `${password}\n`]]);
  assert.equal(out.code, 0, out.screen);
  assert.match(out.screen, /added Tia/);
  assert.ok(!out.screen.includes('horse'), out.screen);
  assert.equal(out.echo, 1, 'the terminal shows again what is typed');
  const differ = await atTerminal(['user', 'passwd', 'Tia'],
    [['New password: ', `${password}\n`], ['Once more: ', 'something else\n']]);
  assert.equal(differ.code, 2);
  assert.match(differ.screen, /the two are not the same/);
  assert.equal(differ.echo, 1);
});

test('a terminal is as it was when the program is interrupted at the question', async () => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const out = await atTerminal(['user', 'add', 'Una'], [['New password: ', 'half a pass']],
      (pid) => process.kill(pid, signal));
    assert.equal(out.code, signal === 'SIGINT' ? -2 : -15);
    assert.equal(out.echo, 1, signal);
    assert.ok(!out.screen.includes('half'));
  }
  assert.ok(!(await listed()).some(({name}) => name === 'Una'));
});

test('while the program waits for a password, nobody can read one in the list of processes', async () => {
  const child = spawn(program, ['user', 'add', 'Vic'], {cwd, stdio: ['pipe', 'pipe', 'pipe']});
  child.stdin.write(password);
  const commandLine = await readFile(`/proc/${child.pid}/cmdline`, 'latin1');
  const environment = await readFile(`/proc/${child.pid}/environ`, 'latin1');
  assert.match(commandLine, /user\0add\0Vic/);
  assert.ok(!(commandLine + environment).includes(password));
  child.stdin.end('\n');
  const [code] = await within(once(child, 'close'), 'the end');
  assert.equal(code, 0);
});

test('a demonstration has an admin whose password is told once', async () => {
  const gateway = await Gateway.start(['--demo']);
  const [, shown] = /users {5}admin, password (\S+) \(shown this once\)/.exec(gateway.output);
  assert.match(shown, /^([2-9a-km-z]{6}-){3}[2-9a-km-z]{6}$/);
  const token = await tokenOf(gateway, 'admin', shown);
  assert.deepEqual((await me(gateway, token)).roles, ['admin']);
  assert.ok(!gateway.log.includes(shown));
  for (const name of await readdir(gateway.directory)) {
    assert.ok(!(await readFile(join(gateway.directory, name))).includes(shown), name);
  }
  await gateway.kill();
  await gateway.restart();
  assert.match(gateway.output, /users {5}1\n/);
  assert.ok(!gateway.output.includes('password'));
  assert.deepEqual((await me(gateway, token)).roles, ['admin'], 'the secret and the user are kept');
  await tokenOf(gateway, 'admin', shown);
  await gateway.stop();
});
