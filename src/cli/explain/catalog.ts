import { FieldReason } from '../../kubernetes/field-reason';
import { alternativesOf, isIn } from './fields';

const ANY = '*';
const MOST_SUGGESTIONS = 3;

/** A field that has a reason, or with a star at its end all those whose names begin so. */
export interface Known {
  readonly field: string;
  readonly reason: FieldReason;
}

/** Reasons by the fields that they are for. */
export class Catalog {
  private readonly exact = new Map<string, FieldReason>();
  /** Those with a star at the end, the longest first. */
  private readonly open: Known[] = [];
  private readonly kindNames = new Map<string, string>();

  constructor(reasons: FieldReason[]) {
    for (const { field, reason } of reasons.flatMap(knownOf)) {
      if (field.endsWith(`.${ANY}`)) this.open.push({ field, reason });
      else this.exact.set(field, reason);
      const [kind] = field.split('.');
      if (kind !== ANY) namesOf(kind).forEach((name) => this.kindNames.set(name, kind));
    }
    this.open.sort((one, other) => other.field.length - one.field.length);
  }

  /** The field by which a reason is known that is for a field of an object, if there is one: the most precise one. */
  find(field: string): Known | undefined {
    const ofAnyKind = field.replace(/^[^.]*/, ANY);
    const found = [field, ofAnyKind].find((one) => this.exact.has(one));
    if (found) return { field: found, reason: this.exact.get(found)! };
    return this.open.find(({ field: open }) => {
      const begin = open.slice(0, -ANY.length);
      return (begin.startsWith(`${ANY}.`) ? ofAnyKind : field).startsWith(begin);
    });
  }

  /** A path with its kind as Kubernetes writes it: `deployments.spec` is that of a Deployment. */
  withKind(path: string): string {
    const kind = /^[^.]*/.exec(path)![0];
    return `${this.kindNames.get(kind.toLowerCase()) ?? kind}${path.slice(kind.length)}`;
  }

  /** What is known of a path: its own reason, or those of all fields in it. */
  knownAt(path: string): Known[] {
    if (!this.has(path)) return [];
    const inside = this.all().filter(({ field }) => isIn(field, path));
    if (inside.length) return inside;
    const found = this.find(path);
    return found ? [{ field: path, reason: found.reason }] : [];
  }

  /** The paths that are most like one that is not known. */
  nearest(path: string): string[] {
    const [kind] = path.split('.');
    const known = this.has(path) ? this.all().filter(({ field }) => isIn(field, kind)) : [];
    const candidates = known.length ? prefixesOf(known) : [...new Set(this.kindNames.values())];
    const last = path.split('.').at(-1)!.toLowerCase();
    const rank = (candidate: string) => {
      const sameEnd = candidate.toLowerCase().endsWith(`.${last}`);
      return (sameEnd ? 0 : 1000) + distance(candidate.toLowerCase(), path.toLowerCase());
    };
    return candidates
      .map((candidate) => ({ candidate, rank: rank(candidate) }))
      .sort((one, other) => one.rank - other.rank)
      .slice(0, MOST_SUGGESTIONS)
      .map(({ candidate }) => candidate);
  }

  private has(path: string): boolean {
    return this.kindNames.has(path.split('.')[0].toLowerCase());
  }

  /** All that is known, with each reason of any kind for each kind. */
  private all(): Known[] {
    const kinds = [...new Set(this.kindNames.values())].sort();
    const exact = [...this.exact].map(([field, reason]) => ({ field, reason }));
    return [...exact, ...this.open]
      .flatMap(({ field, reason }) =>
        field.startsWith(`${ANY}.`)
          ? kinds.map((kind) => ({ field: `${kind}${field.slice(ANY.length)}`, reason }))
          : [{ field, reason }],
      )
      .filter(({ field, reason }) => this.find(field)?.reason === reason);
  }
}

function knownOf(reason: FieldReason): Known[] {
  return reason.fields.flatMap(alternativesOf).map((field) => ({ field, reason }));
}

/** How `kubectl explain` takes a kind: in any case, and as the plural. */
function namesOf(kind: string): string[] {
  const name = kind.toLowerCase();
  return [name, `${name}s`, `${name}es`, name.replace(/y$/, 'ies')];
}

function prefixesOf(known: Known[]): string[] {
  const prefixes = known.flatMap(({ field }) => {
    const parts = field.replace(/\.\*$/, '').split('.');
    return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  });
  return [...new Set(prefixes)];
}

/** How many letters differ (Levenshtein). */
function distance(one: string, other: string): number {
  let row = [...other, ''].map((_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const changed = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[other.length];
}
