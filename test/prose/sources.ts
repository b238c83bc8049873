import * as ts from 'typescript';
import { Passage, passagesOfMarkdown } from './passages';

const FEWEST_WORDS = 3;

interface Comment {
  readonly line: number;
  readonly text: string;
}

/** The passages of the comments of a TypeScript file. */
export function commentsOf(path: string, text: string): Passage[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node) => {
    const found = [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ];
    found.forEach((range) => ranges.set(range.pos, range));
    node
      .getChildren(file)
      .filter((child) => !ts.isJSDoc(child))
      .forEach(visit);
  };
  visit(file);
  const comments = [...ranges.values()]
    .sort((one, other) => one.pos - other.pos)
    .map(({ pos, end }) => ({
      line: file.getLineAndCharacterOfPosition(pos).line + 1,
      text: text.slice(pos, end),
    }));
  return joined(comments).flatMap(({ line, text: comment }) => passagesOfMarkdown(path, comment, line));
}

/** The comments without their signs, those of lines that follow each other as one. */
function joined(comments: Comment[]): Comment[] {
  const all: Comment[] = [];
  for (const { line, text } of comments) {
    const last = all.at(-1);
    const isLine = text.startsWith('//');
    const plain = isLine ? text.replace(/^\/\/ ?/, '') : plainBlock(text);
    if (isLine && last && last.line + last.text.split('\n').length === line) {
      all[all.length - 1] = { line: last.line, text: `${last.text}\n${plain}` };
    } else {
      all.push({ line, text: plain });
    }
  }
  return all;
}

function plainBlock(text: string): string {
  return text
    .replace(/^\/\*\*?[ \t]?/, '')
    .replace(/\s*\*\/$/, '')
    .replace(/^[ \t]*\*[ \t]?/gm, '');
}

/** The texts that a TypeScript file has for its users, such as errors; `…` stands for what is filled in. */
export function textsOf(path: string, text: string): Passage[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const passages: Passage[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node)) return;
    const found = textOf(node);
    if (found === undefined) {
      ts.forEachChild(node, visit);
      return;
    }
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    if (isProse(found)) passages.push({ path, line, text: found.replace(/\s+/g, ' ') });
    if (ts.isTemplateExpression(node)) node.templateSpans.forEach(({ expression }) => visit(expression));
  };
  visit(file);
  return passages;
}

function isProse(text: string): boolean {
  return text.split(/\s+/).length >= FEWEST_WORDS && !/^[\s#]*\S+ --?\w|[{}$]|&& |\\/.test(text);
}

function textOf(node: ts.Node): string | undefined {
  // What follows a tag such as `String.raw` is read as it is written: a backslash stays one.
  if (ts.isNoSubstitutionTemplateLiteral(node) && ts.isTaggedTemplateExpression(node.parent))
    return node.rawText;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const sides = [textOf(node.left), textOf(node.right)];
    return sides.some((side) => side === undefined) ? undefined : sides.join('');
  }
  return undefined;
}

/** The texts of a Python module that its users see: its strings, but neither comments nor docstrings. */
export function pythonTextsOf(path: string, text: string): Passage[] {
  const blank = (found: string) => found.replace(/[^\n]/g, ' ');
  const code = text.replace(/"""[\s\S]*?"""/g, blank).replace(/^\s*#.*$/gm, blank);
  const strings = code.matchAll(/(?<!\w)f?"(?:[^"\\\n]|\\.)*"(?:\s*f?"(?:[^"\\\n]|\\.)*")*/g);
  return [...strings]
    .map((match) => ({
      path,
      line: code.slice(0, match.index).split('\n').length,
      text: match[0]
        .replace(/"\s*f?"/g, '')
        .replace(/^f?"|"$/g, '')
        .replace(/\{[^}]*\}/g, '…'),
    }))
    .filter(({ text: found }) => isProse(found));
}
