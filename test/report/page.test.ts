/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { Browser, Page } from 'puppeteer-core';
import { axe } from './axe';

/*
 * The page of `cdk8s-django report`, in a browser. CHROMIUM names its program.
 */

const ROOT = join(__dirname, '../..');
const EVIL = '</pre></style><img src=x onerror="document.title=1"><script>document.title=2</script>';

let browser: Browser;
let folder: string;
const files: Record<string, string> = {};

function write(name: string, ...paths: string[]): void {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(ROOT, 'lib/cli/main.js'), 'report', ...paths],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  expect([status, stderr]).toEqual([0, '']);
  files[name] = join(folder, `${name}.html`);
  writeFileSync(files[name], stdout);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk8s-django-report-'));
  write('five', ...readdirSync(join(ROOT, 'dist')).map((name) => join(ROOT, 'dist', name)));
  const manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: EVIL, namespace: EVIL, annotations: { [EVIL]: EVIL } },
    data: { [EVIL]: EVIL, long: `${EVIL}\n`.repeat(50) },
  };
  writeFileSync(join(folder, 'evil.yaml'), JSON.stringify(manifest));
  write('evil', join(folder, 'evil.yaml'));
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Those who test in a container are root there, for whom it has no sandbox. The pages are our own.
    args: ['--no-sandbox'],
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a page. Each request and each message of the browser is noted. */
async function open(name: string, scheme = 'light', width = 1400): Promise<{ page: Page; noted: string[] }> {
  const page = await browser.newPage();
  const noted: string[] = [];
  page.on('request', (request) => noted.push(request.url()));
  page.on('console', (message) => noted.push(message.text()));
  page.on('pageerror', (error) => noted.push(`${error}`));
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.setViewport({ width, height: 900 });
  await page.goto(`${pathToFileURL(files[name])}`);
  return { page, noted };
}

describe.each(['light', 'dark'])('the page on a %s screen', (scheme) => {
  test('passes axe-core, closed and with all parts open', async () => {
    const { page } = await open('five', scheme);
    expect(await axe(page)).toEqual([]);
    await page.evaluate(() => {
      const all = [...document.querySelectorAll('details')];
      all.forEach((one) => (one.open = !one.closest('#texts')));
      document.querySelector<HTMLElement>('pre button')!.click();
    });
    expect(await axe(page)).toEqual([]);
    await page.close();
  });

  test('has another ground', async () => {
    const { page } = await open('five', scheme);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe(scheme === 'dark' ? 'rgb(15, 21, 19)' : 'rgb(246, 247, 246)');
    await page.close();
  });
});

test('asks for nothing, and its policy stops nothing of its own', async () => {
  const { page, noted } = await open('five');
  expect(noted).toEqual([`${pathToFileURL(files.five)}`]);
  await page.close();
});

test('has no markup of manifests', async () => {
  const { page, noted } = await open('evil');
  expect(await page.evaluate(() => document.querySelectorAll('img, script').length)).toBe(0);
  expect(await page.title()).toBe(`${EVIL}: report`);
  expect(noted).toHaveLength(1);
  await page.close();
});

test('lets keys reach each part, open it, and show a reason', async () => {
  const { page } = await open('five');
  const all = await page.evaluate(
    () =>
      [...document.querySelectorAll('a, summary, button, [tabindex="0"]')].filter((one) =>
        one.checkVisibility({ contentVisibilityAuto: true }),
      ).length,
  );
  const reached = new Set<string>();
  for (let count = 0; count < all; count++) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate(() => {
        const others = [...document.querySelectorAll('a, summary, button, [tabindex="0"]')];
        return `${others.indexOf(document.activeElement!)}`;
      }),
    );
  }
  expect(all).toBeGreaterThan(100);
  expect(reached.size).toBe(all);
  await page.focus('.object > summary');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.querySelector(':popover-open')?.textContent)).toContain(
    'kubernetes.io',
  );
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => document.querySelector(':popover-open'))).toBe(null);
  await page.close();
});

test('opens the object that a box of a drawing leads to', async () => {
  const { page } = await open('five');
  await page.evaluate(() => document.querySelector<SVGElement>('.topology a.pods')!.focus());
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector<HTMLDetailsElement>('.object[open]'));
  expect(await page.evaluate(() => document.querySelector('.object[open] summary')!.textContent)).toMatch(
    /Job|Deployment/,
  );
  await page.close();
});

test('fits into a small window', async () => {
  const { page } = await open('five', 'light', 390);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.close();
});

test('prints its tables and reasons', async () => {
  const { page } = await open('five', 'dark');
  await page.emulateMediaType('print');
  const shown = await page.evaluate(() => ({
    nav: document.querySelector('nav')!.checkVisibility(),
    reason: document.querySelector('.reason')!.checkVisibility(),
    ground: getComputedStyle(document.body).backgroundColor,
  }));
  expect(shown).toEqual({ nav: false, reason: true, ground: 'rgb(255, 255, 255)' });
  expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  await page.close();
});
