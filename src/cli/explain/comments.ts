import { statSync } from 'node:fs';
import { Document, isMap, isPair, isScalar, isSeq, Pair, visit } from 'yaml';
import { FieldReason } from '../../kubernetes/field-reason';
import { documentsIn } from '../manifests';
import { ExitCode, UsageProblem } from '../problem';
import { Terminal } from '../terminal';
import { addressOf } from './answer';
import { Catalog } from './catalog';
import { wholeCatalog } from './whole-catalog';

/** Writes a file of manifests with the reasons of its fields as comments: to readers of YAML the same documents. */
export function comment(file: string, terminal: Terminal): number {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageProblem(
      `${file} is not a file. Give one of manifests, such as dist/upstream/polls.k8s.yaml.`,
    );
  }
  const catalog = wholeCatalog();
  const told = new Set<FieldReason>();
  const documents = documentsIn(file);
  documents.forEach((document) => addComments(document, catalog, told));
  // The lines of the manifests stay as they are.
  terminal.write(
    documents
      .map((document) => document.toString({ lineWidth: 0 }))
      .join('')
      .replace(/\n$/, ''),
  );
  return ExitCode.SUCCESS;
}

/** Each reason once in an object, and those of all kinds once in all, which are in `told`. */
function addComments(document: Document.Parsed, catalog: Catalog, told: Set<FieldReason>): void {
  const kind = document.get('kind');
  if (typeof kind !== 'string') return;
  const here = new Set<FieldReason>();
  visit(document, {
    Pair(_, pair, ancestors) {
      if (!hasValue(pair)) return;
      const keys = [...ancestors, pair].filter((one) => isPair(one)).map(({ key }) => String(key));
      const known = catalog.find([kind, ...keys].join('.'));
      if (!known || told.has(known.reason) || here.has(known.reason)) return;
      (known.field.startsWith('*') ? told : here).add(known.reason);
      addComment(pair, ancestors, ` ${known.reason.why}\n ${addressOf(known.reason)}`);
    },
  });
}

/** Whether a field has a value of its own, and not only fields in it. */
function hasValue({ value }: Pair): boolean {
  if (isSeq(value)) return !value.items.some(isMap);
  return !isMap(value) || !value.items.length;
}

/** The first field of an item has its comment before the dash. */
function addComment(pair: Pair, ancestors: readonly unknown[], text: string): void {
  const [list, map] = ancestors.slice(-2);
  if (isSeq(list) && isMap(map) && map.items[0] === pair) map.commentBefore = text;
  else if (isScalar(pair.key)) pair.key.commentBefore = text;
}
