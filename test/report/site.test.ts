/// <reference lib="dom" />
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import puppeteer, { Browser, Page } from 'puppeteer-core';
import { axe } from './axe';

/*
 * The site that `site/build.js` has made, in a browser: under the path that it has on its host. CHROMIUM names the program.
 */

const { BASE } = jest.requireActual('../../site/facts');
const SITE = join(__dirname, '../../site/dist');
const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

let browser: Browser;
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://site').pathname);
    const file = join(SITE, path.replace(BASE, '/').replace(/\/$/, '/index.html'));
    if (!path.startsWith(BASE) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    createReadStream(file).pipe(response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`;
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Those who test in a container are root there, for whom it has no sandbox. The pages are our own.
    args: ['--no-sandbox'],
  });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page. Messages of the browser and requests to other hosts are noted. */
async function open(path: string, scheme = 'light', width = 1400): Promise<{ page: Page; noted: string[] }> {
  const page = await browser.newPage();
  const noted: string[] = [];
  page.on('console', (message) => noted.push(message.text()));
  page.on('pageerror', (error) => noted.push(`${error}`));
  page.on('request', (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(base)) noted.push(request.url());
  });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.setViewport({ width, height: 900 });
  await page.goto(`${base}${path}`, { waitUntil: 'networkidle0' });
  return { page, noted };
}

/** Opens the search with the keyboard, and waits until it finds a section by some words. */
async function search(page: Page, words: string, section: string): Promise<string[]> {
  await page.keyboard.down('Control');
  await page.keyboard.press('k');
  await page.keyboard.up('Control');
  await page.waitForSelector('#localsearch-input');
  await page.type('#localsearch-input', words);
  await page.waitForFunction(
    (wanted) => document.querySelector('#localsearch-list')?.textContent?.includes(wanted),
    {},
    section,
  );
  return page.$$eval('#localsearch-list .result', (all) => all.map((one) => one.textContent!.trim()));
}

describe.each(['light', 'dark'])('on a %s screen', (scheme) => {
  test.each(['', 'tutorial.html', 'guide/3-scaling.html', 'distributions.html', 'cli.html'])(
    'the page "%s" passes axe-core, and asks no other host',
    async (path) => {
      const { page, noted } = await open(path, scheme);
      expect(await axe(page)).toEqual([]);
      expect(noted).toEqual([]);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground).toBe(scheme === 'dark' ? 'rgb(27, 27, 31)' : 'rgb(255, 255, 255)');
      await page.close();
    },
  );

  test('the open search passes axe-core', async () => {
    const { page } = await open('guide/2-service.html', scheme);
    await search(page, 'autoscaler', '3. Scaling up');
    expect(await axe(page)).toEqual([]);
    await page.close();
  });
});

test('the search finds a section by its words, and the keyboard opens it', async () => {
  const { page, noted } = await open('');
  const found = await search(page, 'projectcontour', 'Status 503');
  const wanted = found.findIndex((one) => one.endsWith('Status 503'));
  for (let count = 0; count < wanted; count++) await page.keyboard.press('ArrowDown');
  const active = await page.$eval('#localsearch-input', (one) => one.getAttribute('aria-activedescendant'));
  const text = await page.$eval(`#${active}[role=option][aria-selected=true]`, (one) => one.textContent);
  expect(text).toContain('Status 503');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash === '#status-503');
  expect(page.url()).toBe(`${base}guide/5-public-route.html#status-503`);
  expect(noted).toEqual([]);
  await page.close();
});

test('the search finds nothing for a word that no page has', async () => {
  const { page } = await open('');
  await page.keyboard.press('/');
  await page.waitForSelector('#localsearch-input');
  await page.type('#localsearch-input', 'qqqqq');
  await page.waitForSelector('.VPLocalSearchBox .no-results');
  await page.close();
});

test('each page is in the navigation', async () => {
  const { page } = await open('');
  const links = await page.$$eval('.VPSidebar a', (all) => all.map((one) => one.getAttribute('href')!));
  const listed = links.map((link) => link.replace(BASE, '').replace(/(^|\/)$/, '$1index.html'));
  const pages = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.html') && !path.startsWith('reference/') && !/^(404|index)\.html$/.test(path),
  );
  expect(pages.length).toBeGreaterThan(30);
  expect(listed.filter((path) => path !== 'reference/index.html').sort()).toEqual(pages.sort());
  await page.close();
});

test('a page fits into a small window', async () => {
  const { page } = await open('guide/1-containers-and-pods.html', 'light', 390);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.close();
});
