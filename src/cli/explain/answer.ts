import { FieldReason } from '../../kubernetes/field-reason';

const PAGES = 'https://github.com/cdk8s-django/cdk8s-django/blob/main/';

/** A value of a field in manifests. */
export interface Found {
  readonly object: string;
  readonly value: unknown;
}

/** What there is to say about a field. */
export interface Answer {
  readonly field: string;
  /** Without manifests: the values that the field can have, if these are known. */
  readonly values?: FieldReason['values'];
  /** The values that it has in manifests. */
  readonly found?: Found[];
  /** None where the library does not set the field. */
  readonly reason?: FieldReason;
}

/** Where a reason is written, as a browser takes it. */
export function addressOf({ source }: FieldReason): string {
  return source.startsWith('docs/') ? `${PAGES}${source}` : source;
}
