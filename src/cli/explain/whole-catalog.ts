import { Catalog } from './catalog';
import { REASONS } from './reasons';

/** The reasons of all fields. */
export function wholeCatalog(): Catalog {
  return new Catalog(Object.values(REASONS).flat());
}
