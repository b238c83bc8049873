/** Text that is HTML already. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What a template takes: a text is escaped, HTML is not. */
export type Part = Markup | string | number | readonly Part[] | undefined;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What no browser shows as it is, or what changes the order of the text around it. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text as HTML, also within the quotes of an attribute. */
export function escaped(text: string): string {
  return text.replace(INVISIBLE, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** The texts of templates, without the space by which the code is indented. */
const templates = new WeakMap<TemplateStringsArray, string[]>();

/** HTML with parts, which are escaped unless they are HTML. All HTML of a report is made by it. */
export function markup(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  let texts = templates.get(strings);
  if (!texts) templates.set(strings, (texts = strings.map((one) => one.replace(/\n\s+/g, '\n'))));
  let text = texts[0];
  for (let index = 0; index < parts.length; index++) text += textOf(parts[index]) + texts[index + 1];
  return new Markup(text);
}

/** Parts with HTML between them. */
export function joined(parts: readonly Part[], between: string | Markup): Markup {
  return new Markup(parts.map(textOf).join(textOf(between)));
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escaped(part);
  return typeof part === 'number' ? `${part}` : part.map(textOf).join('');
}
