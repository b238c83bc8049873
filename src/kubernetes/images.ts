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
  const reason = whyNot(typeof value === 'string' ? REFERENCE.exec(value)?.groups : undefined);
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

function whyNot(parts: Record<string, string | undefined> | undefined): string | undefined {
  if (!parts || parts.name!.length > LONGEST_NAME) return 'is not an image reference';
  if (parts.digest) return undefined;
  if (!parts.tag) return 'has no tag, which means "latest"';
  if (parts.tag === 'latest') return 'has the tag "latest", which changes under a running release';
  return undefined;
}
