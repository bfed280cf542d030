import { eventually } from './page.mjs';

/** The trackers of the demonstration, which come soon after the start. */
export async function wholeFleet(gateway) {
  let before = 0;
  return eventually('the whole fleet', async () => {
    const { trackers } = await gateway.trackers();
    const isWhole = trackers.length > 3_000 && trackers.length === before;
    before = trackers.length;
    return isWhole && trackers;
  });
}

/** The trackers of a client, as an admin sees them. */
export async function trackersOf(gateway, client) {
  return (await wholeFleet(gateway)).filter((tracker) => tracker.client_id === client);
}

/** Takes trackers out of everybody's sight but their client's. */
export async function makePrivate(gateway, trackers) {
  const kAtOnce = 8;
  const rest = [...trackers];
  const work = async () => {
    for (let next = rest.pop(); next; next = rest.pop()) {
      await gateway.ask('PATCH', `/api/trackers/${encodeURIComponent(next.id)}`, { public: false });
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
}

export function openDialog(page) {
  return page.getByRole('button', { name: /Sign in to see your trackers/ }).click();
}

export async function fillDialog(page, name, password) {
  await page.getByLabel('Email').fill(name);
  await page.getByLabel('Password').fill(password);
}

/** Signs in by the dialog and waits until the page says so. */
export async function signIn(page, name, password) {
  await openDialog(page);
  await fillDialog(page, name, password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('dialog.login').waitFor({ state: 'detached' });
  await isSignedIn(page, name);
}

export function isSignedIn(page, name) {
  return eventually(`${name} in the foot`, async () => (await who(page)).startsWith(name));
}

export function isPublic(page) {
  return eventually('the public view', async () => (await who(page)).startsWith('Public view'));
}

export async function who(page) {
  return (await page.getByTestId('user').allTextContents()).join('');
}

export const notice = (page) => page.locator('.notices').innerText();

/** How many trackers the tiles count. */
export async function counted(page) {
  const counts = await page.locator('.tile-count').allTextContents();
  return counts.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0);
}

/** Fails a test whose page was loaded anew; call it before, and the result after. */
export async function markPage(page) {
  await page.evaluate(() => {
    window.markedByTest = true;
  });
  return () => page.evaluate(() => window.markedByTest === true);
}

/** Watches for a tracker's row from now on; the result tells how often it was there. */
export async function countAppearances(page, id) {
  await page.evaluate((wanted) => {
    window.appearances = 0;
    const look = () => {
      if (document.querySelector(`.row[data-tracker="${wanted}"]`)) window.appearances++;
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    look();
  }, String(id));
  return () => page.evaluate(() => window.appearances);
}
