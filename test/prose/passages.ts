/** A paragraph, an item of a list, a cell of a table, or the text of an error. */
export interface Passage {
  readonly path: string;
  /** Line that the text begins at, from 1. */
  readonly line: number;
  readonly text: string;
}

/** A sentence, with the place that it begins at: `README.md:12`. */
export interface Sentence {
  readonly place: string;
  readonly text: string;
}

const STARTS_PASSAGE = /^\s*([-*+]|\d+\.|#+|>)\s+/;
const TAG = /^\s*@(\w+)(\s+\S+\s+-\s|\s+-\s|\s*)/;
const IS_EMPTY = /^\s*(<!--.*-->)?\s*$/;
const IS_TABLE = /^\s*\|/;
const IS_FENCE = /^\s*(```|~~~)/;

/** The passages of Markdown, or of a comment, in which a tag such as `@param` begins one too. Code is none. */
export function passagesOfMarkdown(path: string, markdown: string, firstLine = 1): Passage[] {
  const passages: Passage[] = [];
  const begin = (line: number, text: string) => passages.push({ path, line, text });
  let goesOn = false;
  withoutCode(markdown).forEach((text, index) => {
    const line = firstLine + index;
    const starts = STARTS_PASSAGE.exec(text) ?? TAG.exec(text);
    if (IS_EMPTY.test(text)) {
      goesOn = false;
    } else if (IS_TABLE.test(text)) {
      text.split(/(?<!\\)\|/).forEach((cell) => begin(line, cell.trim()));
      goesOn = false;
    } else if (goesOn && !starts) {
      const last = passages.pop()!;
      begin(last.line, `${last.text}\n${text}`);
    } else {
      begin(line, text.slice(starts?.[0].length ?? 0));
      goesOn = true;
    }
  });
  return passages.filter(({ text }) => /\w/.test(text));
}

/** The lines of Markdown, those of code, examples and sources empty. */
function withoutCode(markdown: string): string[] {
  let endsCode: RegExp | undefined;
  return markdown.split('\n').map((line) => {
    if (endsCode === IS_FENCE) {
      if (IS_FENCE.test(line)) endsCode = undefined;
      return '';
    }
    if (endsCode === TAG && TAG.test(line)) endsCode = undefined;
    if (IS_FENCE.test(line)) endsCode = IS_FENCE;
    if (/^\s*@(example|see)\b/.test(line)) endsCode = TAG;
    return endsCode ? '' : line;
  });
}

/** The sentences of a passage. A span of code and an address are a word each. */
export function sentencesOf({ path, line, text }: Passage): Sentence[] {
  const masked = text
    .replace(/`[^`]+`/g, (code) => code.replace(/[ .?!]/g, '·'))
    .replace(/\{@link ([^}]+)\}/g, (_link, name: string) => name)
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/\b(e\.g|i\.e|vs)\./g, '$1');
  const ends = [...masked.matchAll(/[.?!]["')*\]]*(?=\s)/g)].map((match) => match.index + match[0].length);
  return [0, ...ends]
    .map((from, index) => ({ from, sentence: masked.slice(from, ends[index]) }))
    .filter(({ sentence }) => /\w/.test(sentence))
    .map(({ from, sentence }) => {
      const before = masked.slice(0, from) + /^\s*/.exec(sentence)![0];
      return {
        place: `${path}:${line + before.split('\n').length - 1}`,
        text: sentence.trim().replace(/\s+/g, ' '),
      };
    });
}

/** How many words a sentence has. */
export function wordsIn(sentence: string): number {
  return sentence.split(' ').filter((word) => /[\w…·]/.test(word)).length;
}
