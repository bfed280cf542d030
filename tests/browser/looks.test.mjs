import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, kDesktop, kPhone, mapPixels, saveScreenshot } from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();
const kCompact = { viewport: { width: 900, height: 700 } };

/** Waits until the map has stopped changing by more than the traffic does. */
async function settled(page) {
  let last;
  await eventually('a settled map', async () => {
    const image = await mapPixels(page);
    const before = last;
    last = image;
    if (!before || before.data.length !== image.data.length) return false;
    let different = 0;
    for (let at = 0; at < image.data.length; at += 16) {
      if (Math.abs(image.data[at] - before.data[at]) > 24) different++;
    }
    return different < image.data.length / 16 / 500;
  });
}

const kDevices = {
  dark: { desktop: kDesktop, compact: kCompact, phone: kPhone },
  light: { desktop: kDesktop, phone: kPhone },
};

for (const [scheme, devices] of Object.entries(kDevices)) {
  for (const [name, device] of Object.entries(devices)) {
    test(`${name}, ${scheme}`, async () => {
      const page = await shared.open({ ...device, colorScheme: scheme });
      await settled(page);
      await saveScreenshot(page, `${name}-${scheme}`);
      // On the phone the rows lie below the edge of the low sheet.
      await page.locator('.row').first().dispatchEvent('click');
      await page.locator('.details').waitFor();
      await settled(page);
      await saveScreenshot(page, `${name}-${scheme}-selected`);
      const clipped = await page.evaluate(() => {
        const wide = document.scrollingElement.scrollWidth > innerWidth;
        const tall = document.scrollingElement.scrollHeight > innerHeight;
        return wide || tall;
      });
      assert.equal(clipped, false, 'nothing sticks out of the window');
    });
  }
}
