import { definitionOf, knownDefinitions } from '../cluster/support/definitions';
import { kubectl, tryApply } from '../cluster/support/kubectl';
import { print } from '../cluster/support/print';
import { documentsOf } from '../every-option/documents';
import { PLATFORMS } from '../every-option/platforms';

/*
 * An API server drops a field whose feature gate is off, and says nothing: neither `kubectl diff` nor strict validation
 * tells. So what it would store is compared with what was sent, for every option.
 */

const NAMESPACE = 'polls-stored';

/** Quantities and durations, which the API server writes in its own way, as numbers. */
function amount(value: unknown): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/.exec(String(value)) ?? [];
  if (digits === undefined) return undefined;
  const units: Record<string, number> = {
    m: 1e-3,
    k: 1e3,
    Ki: 2 ** 10,
    M: 1e6,
    Mi: 2 ** 20,
    G: 1e9,
    Gi: 2 ** 30,
    T: 1e12,
    Ti: 2 ** 40,
  };
  return Number(digits) * (unit ? units[unit] : 1);
}

/** The places of a manifest that are missing or different in what is stored. */
function lost(sent: any, stored: any, at = ''): string[] {
  if (sent === null || sent === undefined) return [];
  if (Array.isArray(sent)) return lostItems(sent, stored, at);
  if (typeof sent === 'object') return lostFields(sent, stored, at);
  return isSame(sent, stored) ? [] : [`${at}: ${JSON.stringify(sent)}, ${JSON.stringify(stored)}`];
}

function lostItems(sent: any[], stored: any, at: string): string[] {
  if (!Array.isArray(stored) || stored.length !== sent.length) return sent.length ? [at] : [];
  return sent.flatMap((item, index) => lost(item, stored[index], `${at}[${index}]`));
}

function lostFields(sent: any, stored: any, at: string): string[] {
  // An empty map is the same as none.
  if (typeof stored !== 'object' || stored === null) return Object.keys(sent).length ? [at] : [];
  return Object.entries(sent).flatMap(([key, item]) => lost(item, stored[key], at ? `${at}.${key}` : key));
}

function isSame(sent: any, stored: any): boolean {
  // What is left out in JSON has the value that it has by default.
  if (sent === stored || (stored === undefined && ['', false, 0].includes(sent))) return true;
  const quantity = amount(sent);
  return quantity !== undefined && quantity === amount(stored);
}

describe('an API server stores every field that any option leads to', () => {
  const manifests = new Map<string, any>();
  for (const platform of Object.values(PLATFORMS)) {
    for (const manifest of documentsOf(platform).manifests) {
      const moved = JSON.parse(JSON.stringify(manifest));
      if (moved.metadata.namespace !== undefined) moved.metadata.namespace = NAMESPACE;
      // The status of a claim's template is written for those who compare; nothing sends it.
      for (const claim of moved.spec?.volumeClaimTemplates ?? []) delete claim.status;
      manifests.set(JSON.stringify(moved), moved);
    }
  }

  beforeAll(async () => {
    await tryApply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }], '--server-side');
    const { serverVersion } = JSON.parse(await kubectl('version', '--output=json'));
    print(`Kubernetes ${serverVersion.gitVersion}, ${manifests.size} documents`);
  });
  afterAll(() => kubectl('delete', 'namespace', NAMESPACE, '--wait=false'));

  test('[gates] as it was sent, without an error or a warning', async () => {
    const known = await knownDefinitions();
    const sent = [...manifests.values()].filter(
      (manifest) => known.has(definitionOf(manifest)) && manifest.kind !== 'Namespace',
    );
    const problems: string[] = [];
    for (let start = 0; start < sent.length; start += 60) {
      const part = sent.slice(start, start + 60);
      const options = ['--server-side', '--dry-run=server', '--validate=strict', '--output=json'];
      const { stdout, stderr } = await tryApply(part, ...options);
      problems.push(...stderr.split('\n').filter((line) => line && !/ is deprecated/.test(line)));
      const stored = stdout ? JSON.parse(stdout) : { items: [] };
      const items: any[] = stored.items ?? [stored];
      part.forEach((manifest, index) => {
        const name = `${manifest.kind} ${manifest.metadata.name}`;
        problems.push(...lost(manifest, items[index]).map((place) => `${name}: ${place}`));
      });
    }
    expect([...new Set(problems)]).toEqual([]);
  });
});
