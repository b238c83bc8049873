import { tinyHash } from '../kubernetes/hash';

/**
 * The longest name of a namespace, of which a platform may need one more beside it (`…-gateway`), and the longest part
 * of it that says the branch.
 */
const LONGEST = { namespace: 55, branch: 30 };

/** The namespace of a preview. */
export function previewNamespace(application: string, branch: string): string {
  return `${application}-preview-${branch}`;
}

/** A branch as a DNS label that no other branch has. */
export function branchLabel(application: string, branch: string): string {
  const room = LONGEST.namespace - previewNamespace(application, '').length;
  const longest = Math.min(room, LONGEST.branch);
  const plain = branch.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  if (plain === branch && /^[a-z0-9].*[a-z0-9]$/.test(plain) && plain.length <= longest) return plain;
  const hash = tinyHash(branch);
  const words = plain.slice(0, longest - hash.length - 1).replace(/^-+|-+$/g, '');
  return words ? `${words}-${hash}` : hash;
}
