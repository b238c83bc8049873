/** Name and id of one of several resources of a route: those after the first are numbered. */
export function numbered(id: string, name: string, index: number): { id: string; name: string } {
  return index === 0 ? { id, name } : { id: `${id}${index + 1}`, name: `${name}-${index + 1}` };
}
