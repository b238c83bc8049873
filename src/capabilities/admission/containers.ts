import { Problem } from '../../kubernetes/errors';
import { quantity } from '../../kubernetes/quantities';
import { IAdmissionRule } from '../../platform/admission';
import { containersIn, POD_KINDS, runningContainersIn } from '../../kubernetes/pod-manifests';

/** What a container must ask for at least, as Kubernetes writes quantities. */
export interface LeastRequests {
  readonly cpu: string;
  readonly memory: string;
}

/** Every container says what it needs: a platform that places pods by it would otherwise set its own. */
export class RequestsRule implements IAdmissionRule {
  readonly name = 'requests';
  readonly kinds = POD_KINDS;

  /**
   * @param source - the page that says what is demanded
   * @param least - what lower requests are raised to
   */
  constructor(
    readonly source: string,
    private readonly least?: LeastRequests,
  ) {}

  check(manifest: any): Problem[] {
    return containersIn(manifest).flatMap(({ path, value }) =>
      (['cpu', 'memory'] as const).flatMap((what) => {
        // A limit without a request is the request too.
        const request = value.resources?.requests?.[what] ?? value.resources?.limits?.[what];
        const complaint = this.complaint(what, request);
        if (!complaint) return [];
        const [reason, wanted] = complaint;
        const remedy = `Give container "${value.name}" ${wanted}`;
        return [{ property: `${path}.resources.requests.${what}`, value: request, reason, remedy }];
      }),
    );
  }

  /** What is wrong with a request, and what is wanted. */
  private complaint(what: keyof LeastRequests, request: unknown): [string, string] | undefined {
    if (request === undefined) {
      return ['is needed, or the platform sets one of its own', 'requests of cpu and memory'];
    }
    const least = this.least?.[what];
    if (least === undefined || !(quantity(request)! < quantity(least)!)) return undefined;
    return [`is below ${least}, to which the platform raises it`, `a request of at least ${least}`];
  }
}

/**
 * Every container has a readiness and a liveness probe, those of Jobs too. Only those that end before the others
 * start can have none.
 */
export class ProbesRule implements IAdmissionRule {
  readonly name = 'probes';
  readonly kinds = POD_KINDS;
  readonly demandsJobProbes = true;

  constructor(readonly source: string) {}

  check(manifest: any): Problem[] {
    return runningContainersIn(manifest).flatMap(({ path, value }) =>
      ['readinessProbe', 'livenessProbe']
        .filter((probe) => !value[probe])
        .map((probe) => ({
          property: `${path}.${probe}`,
          value: undefined,
          reason: 'is needed of every container, those of Jobs too',
          remedy: `Give container "${value.name}" a ${probe}`,
        })),
    );
  }
}

/** Every image has a tag, and not `latest`, or a digest. */
export class ImageTagRule implements IAdmissionRule {
  readonly name = 'image-tag';
  readonly kinds = POD_KINDS;

  constructor(readonly source: string) {}

  check(manifest: any): Problem[] {
    return containersIn(manifest).flatMap(({ path, value }) => {
      const reason = whyNot(`${value.image ?? ''}`);
      if (!reason) return [];
      const remedy = `Give the image of container "${value.name}" a version tag or a digest`;
      return [{ property: `${path}.image`, value: value.image, reason, remedy }];
    });
  }
}

function whyNot(image: string): string | undefined {
  if (image.includes('@sha256:')) return undefined;
  const [, tag] = image.slice(image.lastIndexOf('/') + 1).split(':');
  if (!tag) return 'has no tag, which means "latest"';
  return tag === 'latest' ? 'has the tag "latest"' : undefined;
}
