/** The first manifest of a list by a key, which is made of each once and not at each look. */
export class FirstBy {
  private readonly known = new WeakMap<any[], Map<string, any>>();

  /** @param keyOf - the key of a manifest; none for those that nobody looks for */
  constructor(private readonly keyOf: (manifest: any) => string | undefined) {}

  of(manifests: any[], key: string): any {
    if (!this.known.has(manifests)) this.known.set(manifests, this.firstOf(manifests));
    return this.known.get(manifests)!.get(key);
  }

  private firstOf(manifests: any[]): Map<string, any> {
    const first = new Map<string, any>();
    for (const manifest of manifests) {
      const key = this.keyOf(manifest);
      if (key !== undefined && !first.has(key)) first.set(key, manifest);
    }
    return first;
  }
}
