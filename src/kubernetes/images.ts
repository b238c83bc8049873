import { IConstruct } from 'constructs';
import { Problems } from './problems';

/* The grammar that container runtimes read references by: https://github.com/distribution/reference */
const HOST_PART = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const HOST = `${HOST_PART}(?:\\.${HOST_PART})*(?::\\d+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?<name>(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*)(?::(?<tag>\\w[-.\\w]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$`,
);
const LONGEST_NAME = 255;

/** An image reference that always means the same image: with a tag that is not `latest`, or a digest. */
export function checkImage(scope: IConstruct, property: string, value: string): string {
  const reason = imageProblem(value);
  if (reason) {
    Problems.report(scope, {
      property,
      value,
      reason,
      remedy: 'Give an image with a version tag or a digest, such as "registry.example.com/polls:1.4.2"',
    });
  }
  return value;
}

/** What tells releases of an image apart: its tag, else the start of its digest. */
export function releaseOf(image: string): string {
  const { tag, digest = '' } = REFERENCE.exec(image)?.groups ?? {};
  return tag ?? digest.replace('sha256:', '').slice(0, 12);
}

/** Why a reference does not always mean the same image; undefined if it does. */
export function imageProblem(value: unknown): string | undefined {
  const parts = typeof value === 'string' ? REFERENCE.exec(value)?.groups : undefined;
  if (!parts || parts.name!.length > LONGEST_NAME) return 'is not an image reference';
  if (parts.digest) return undefined;
  if (!parts.tag) return 'has no tag, which means "latest"';
  if (parts.tag === 'latest') return 'has the tag "latest", which changes under a running release';
  return undefined;
}
