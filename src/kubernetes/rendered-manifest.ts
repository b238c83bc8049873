import { ApiObject } from 'cdk8s';

/** The manifest of a resource; none if it cannot be made, because synth itself says so when it makes it. */
export function renderedManifest(resource: ApiObject): any {
  try {
    return resource.toJson();
  } catch {
    return undefined;
  }
}
