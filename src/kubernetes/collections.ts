/** Items by a key of theirs. */
export function groupedBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = found.get(key);
    if (group) group.push(item);
    else found.set(key, [item]);
  }
  return found;
}

/** Each text once, in the order of its characters and not of a language. */
export function uniqueSorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}

/** Items in the order of a text of theirs. Those of one text stay in their order. */
export function sortedBy<Item>(items: Iterable<Item>, textOf: (item: Item) => string): Item[] {
  const groups = groupedBy(items, textOf);
  return uniqueSorted(groups.keys()).flatMap((text) => groups.get(text)!);
}

/** The sum of numbers. */
export function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
