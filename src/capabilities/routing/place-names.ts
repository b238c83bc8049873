import { Construct } from 'constructs';
import { tinyHash } from '../../kubernetes/hash';
import { Problems } from '../../kubernetes/problems';

/**
 * Names and ids of the resources of a route that have one place each: a host, or a host with a path. The first has only
 * the name of the route. The others have a hash of their place too. So they keep their names when another place is
 * added, removed or moved, and no two resources claim one host until the old one is pruned. When the FIRST place is
 * another one, the pruning is still needed.
 *
 * Two places of a route very rarely have the same hash. Then synth says so.
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
