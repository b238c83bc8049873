/** A string of TypeScript. */
export function quoted(text: string): string {
  return text.includes("'") && !text.includes('"')
    ? JSON.stringify(text)
    : `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** A list of strings in TypeScript. */
export function quotedList(texts: string[]): string {
  return `[${texts.map(quoted).join(', ')}]`;
}

/** A key of an object in TypeScript. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

/** Properties of an object, without those that are undefined: each `name: value`, or a name alone. */
export function properties(values: { [name: string]: string | undefined }): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (name === value ? name : `${key(name)}: ${value}`));
}

/** A longer object is on several lines. */
const LONGEST_LINE = 80;

/** An object of TypeScript on one line if it is short, or on several if that is asked for. */
export function object(
  values: { [name: string]: string | undefined },
  layout: 'line' | 'lines' = 'line',
): string {
  const members = properties(values);
  const line = `{ ${members.join(', ')} }`;
  if (layout === 'line' && line.length <= LONGEST_LINE) return line;
  return `{\n${members.map((member) => `${indented(member)},\n`).join('')}}`;
}

/** A text with each of its lines indented by one level. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** A comment on lines of at most 106 characters. */
export function comment(text: string): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > 103) lines.push('');
    lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
  }
  return lines.map((line) => `// ${line}`).join('\n');
}

/** An import of names of a module, as the project's formatter would break it. */
export function importOf(names: Iterable<string>, module: string): string {
  const sorted = [...new Set(names)].sort();
  const line = `import { ${sorted.join(', ')} } from '${module}';`;
  return line.length <= 110
    ? line
    : `import {\n${sorted.map((name) => `  ${name},\n`).join('')}} from '${module}';`;
}
