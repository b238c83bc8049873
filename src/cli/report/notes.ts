import { FieldReason } from '../../kubernetes/field-reason';
import { addressOf } from '../explain/answer';
import { Catalog } from '../explain/catalog';
import { markup, Markup } from './html';
import { YamlForm } from './yaml-text';

const LONGEST_LINES = 40;
const LONGEST_TEXT = 4000;

interface Text {
  readonly text: string;
  readonly key: string;
}

/** What a page has once for all objects: the reasons of their fields, and texts of many lines. */
export class Notes {
  private readonly reasons = new Map<FieldReason, number>();
  private readonly texts = new Map<string, Text>();

  constructor(private readonly catalog: Catalog) {}

  /** How one object is shown: each of its fields that has a reason is a button once. */
  form(): YamlForm {
    const told = new Set<string>();
    return {
      key: (key, field, hasValue) => {
        const known = hasValue && !told.has(field) ? this.catalog.find(field) : undefined;
        if (!known) return markup`${key}`;
        told.add(field);
        return markup`<button popovertarget="r${this.numberOf(known.reason)}">${key}</button>`;
      },
      elsewhere: (text, key) => {
        const lines = text.split('\n').length;
        if (lines <= LONGEST_LINES && text.length <= LONGEST_TEXT) return undefined;
        if (!this.texts.has(text)) this.texts.set(text, { text, key });
        const number = [...this.texts.keys()].indexOf(text) + 1;
        return markup`<a href="#t${number}">text ${number}, ${linesOf(text)}</a>`;
      },
    };
  }

  /** The reasons that objects refer to. A browser shows one over the page, beside its button. */
  reasonsMarkup(): Markup {
    const all = [...this.reasons].map(
      ([reason, number]) =>
        markup`<div id="r${number}" popover class="reason">
          <p>${reason.why}</p>
          <p class="source"><a href="${addressOf(reason)}" rel="noreferrer">${shortAddress(reason)}</a></p>
        </div>`,
    );
    return markup`${all}`;
  }

  /** The texts that objects refer to. */
  textsMarkup(): Markup | undefined {
    const all = [...this.texts.values()];
    if (!all.length) return undefined;
    return markup`${all.map(
      ({ text, key }, index) =>
        markup`<details>
          <summary>
            Text ${index + 1} <span class="muted">${key || 'without a key'}, ${linesOf(text)}</span>
          </summary>
          <pre id="t${index + 1}">${text}</pre>
        </details>`,
    )}`;
  }

  private numberOf(reason: FieldReason): number {
    const number = this.reasons.get(reason) ?? this.reasons.size + 1;
    this.reasons.set(reason, number);
    return number;
  }
}

function linesOf(text: string): string {
  const count = text.replace(/\n$/, '').split('\n').length;
  return `${count} line${count === 1 ? '' : 's'}`;
}

/** The host of a source, or the page of the library. */
function shortAddress({ source }: FieldReason): string {
  return source
    .replace(/^https:\/\//, '')
    .replace(/#.*/, '')
    .replace(/\/$/, '');
}
