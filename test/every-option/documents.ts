import { Chart } from 'cdk8s';
import { IDistribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { PARTS } from './parts';

/** What becomes of the parts on a platform. */
export interface Documents {
  /** The manifests of each part that the platform makes. */
  readonly parts: Record<string, any[]>;
  /** Those of all parts, each once. */
  readonly manifests: any[];
  /** The errors of the others, by the name of the part. */
  readonly refused: Record<string, string>;
}

/** All documents that every option leads to on a platform. */
export function documentsOf(distribution: IDistribution): Documents {
  const parts: Record<string, any[]> = {};
  const refused: Record<string, string> = {};
  for (const [part, define] of Object.entries(PARTS)) {
    try {
      parts[part] = partOf(distribution, define);
    } catch (error) {
      // An error of the library names the construct, as does one that is found when all is there.
      if (!/(^|\[)polls\//.test((error as Error).message)) throw error;
      refused[part] = (error as Error).message;
    }
  }
  const all = Object.values(parts).flat();
  const manifests = new Map(all.map((manifest) => [JSON.stringify(manifest), manifest]));
  return { parts, manifests: [...manifests.values()], refused };
}

function partOf(distribution: IDistribution, define: (chart: Chart) => void): any[] {
  return manifestsFor(distribution, (app) => define(new Chart(app, 'polls', { namespace: 'polls' })));
}
