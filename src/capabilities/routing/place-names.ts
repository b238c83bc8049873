import { Construct } from 'constructs';
import { tinyHash } from '../../kubernetes/hash';
import { Problems } from '../../kubernetes/problems';

/**
 * Names and ids of the resources of a route that have one place each: a host, or a host with a path. The first has the
 * name of the route alone, the others a hash of their place too: no other place's coming, going or moving renames
 * them, and no two resources claim one host until the old one is pruned. Another FIRST place still needs the pruning.
 *
 * Hardly ever have two places of a route the same hash; then synth says so.
 */
export function placeNames(
  scope: Construct,
  { id, name }: { id: string; name: string },
  places: string[],
): { id: string; name: string }[] {
  const others = places.slice(1);
  const hashes = others.map(tinyHash);
  const index = hashes.findIndex((hash, place) => hashes.indexOf(hash) !== place);
  if (index !== -1) {
    Problems.report(scope, {
      property: 'hosts',
      value: others[index],
      reason: `and "${others[hashes.indexOf(hashes[index])]}" would have resources of the same name, "${name}-${hashes[index]}"`,
      remedy: 'Give one of them a PublicRoute of its own, with a name',
    });
  }
  return [{ id, name }, ...hashes.map((hash) => ({ id: `${id}-${hash}`, name: `${name}-${hash}` }))];
}
