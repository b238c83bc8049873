import { namespaceOfObject } from '../../access-report/objects';
import { manifestsAt } from '../manifests';
import { Answer, Found } from './answer';
import { Catalog } from './catalog';
import { isIn, Leaf, leavesOf } from './fields';

/** What there is to say about a field, or about those in it, that manifests have. */
export function answersIn(manifests: string, catalog: Catalog, field: string): Answer[] {
  const found = new Map<string, Found[]>();
  for (const object of manifestsAt(manifests)) {
    for (const leaf of leavesOf(object)) {
      if (!isIn(leaf.field, field)) continue;
      const all = found.get(leaf.field) ?? [];
      found.set(leaf.field, [...all, { object: nameOf(object), value: shownValue(leaf) }]);
    }
  }
  return [...found].map(([one, values]) => ({
    field: one,
    found: values,
    reason: catalog.find(one)?.reason,
  }));
}

function nameOf(object: any): string {
  const namespace = namespaceOfObject(object);
  return `${object.kind} ${namespace ? `${namespace}/` : ''}${object.metadata?.name}`;
}

/** A value of a Secret is not for those who look over a shoulder. kubectl keeps it in an annotation, too. */
function shownValue({ field, value }: Leaf): unknown {
  return /^Secret\.(data|stringData|metadata\.annotations)\./.test(field) ? '(not shown)' : value;
}
