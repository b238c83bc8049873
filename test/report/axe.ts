/// <reference lib="dom" />
import { source } from 'axe-core';
import { Page } from 'puppeteer-core';

/** What axe-core says against a page. */
export async function axe(page: Page): Promise<string[]> {
  // The page lets in no program; what a browser is told to run is none of the page.
  await page.evaluate(source);
  const { violations, passes } = (await page.evaluate('axe.run()')) as any;
  expect(passes.length).toBeGreaterThan(20);
  return violations.flatMap(({ id, nodes }: any) =>
    nodes.map((node: any) => `${id}: ${node.html} ${node.failureSummary}`),
  );
}
