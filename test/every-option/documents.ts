import { Chart } from 'cdk8s';
import { IDistribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { PARTS } from './parts';

/** What becomes of the parts on a platform. */
export interface Documents {
  /** The manifests of all parts that the platform makes, each once. */
  readonly manifests: any[];
  /** The errors of the others, by the name of the part. */
  readonly refused: Record<string, string>;
}

/** All documents that every option leads to on a platform. */
export function documentsOf(distribution: IDistribution): Documents {
  const manifests = new Map<string, any>();
  const refused: Record<string, string> = {};
  for (const [part, define] of Object.entries(PARTS)) {
    try {
      for (const manifest of partOf(distribution, define)) manifests.set(JSON.stringify(manifest), manifest);
    } catch (error) {
      // An error of the library names the construct, as does one that is found when all is there.
      if (!/(^|\[)polls\//.test((error as Error).message)) throw error;
      refused[part] = (error as Error).message;
    }
  }
  return { manifests: [...manifests.values()], refused };
}

function partOf(distribution: IDistribution, define: (chart: Chart) => void): any[] {
  return manifestsFor(distribution, (app) => define(new Chart(app, 'polls', { namespace: 'polls' })));
}
