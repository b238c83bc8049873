/** The metrics of the library that queries read, without the endings of histograms. */
export function metricsIn(queries: string[]): string[] {
  const names = queries.flatMap((query) => query.match(/(?<![\w:])django_\w+/g) ?? []);
  return [...new Set(names.map((name) => name.replace(/_(bucket|count|sum)$/, '')))];
}
