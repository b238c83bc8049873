import { Sentence, wordsIn } from './passages';

const MOST_WORDS = 35;

/** What may follow "has not", which is then a tense: "has not been asked". */
const PARTICIPLE = String.raw`(?:yet )?(?:\w+ed|been|begun|come|done|found|given|gone|made|run|said|seen|told|written)\b`;

/** What may follow "is no": a comparison, as in "is no longer". */
const COMPARISON = '(?:better|bigger|larger|later|less|longer|more|newer|older|shorter|smaller)\\b';

/** Turns of phrase that a reader has to take apart, each with what to write instead. */
const UNCLEAR: [RegExp, string][] = [
  [new RegExp(String.raw`\b(has|have|had) not\b(?! ${PARTICIPLE})`, 'i'), 'does not have'],
  [/\bbesides\b/i, '"in addition to", "other than" or "also"'],
  [
    /\bof \w+['’]s(?= (own[.,;:)]|is|are|has|in|that|which|differs)\b|[.,;:)]|$)/,
    'of Celery, not of Celery’s',
  ],
  [/\b(such as (nothing|none)|(anything|none|nothing|something) such)\b/i, 'nothing of this kind'],
  [
    /\b(asked|heard|hears|read|reads|said|say|says|tell|telling|tells|told) (it |this |that )?of\b/i,
    '"about"',
  ],
  [/(?<!\bthere )\b(is|are|was|be) nothing (by|for|of|that|to|which)\b/i, 'is not a …'],
  [/\b(know|knows|knew|known) (no|none|nothing of)\b/i, 'does not know'],
  [
    new RegExp(String.raw`(?<!\b(?:there|answer) )\b(is|are|was|were|be) no\b(?! ${COMPARISON})`, 'i'),
    'is not a',
  ],
  [/\b(keep|keeps|let|lets|tell|tells) (nobody|none|nothing)\b/i, 'does not tell anybody'],
  [/\bwho(m)?ever\b/i, 'those who'],
  [/\bwhatever\b/i, '"any", "regardless of" or what is meant'],
  [/\b(that|for|to) who\b|(^|[:;] )who (applies|asks|makes|wants)\b/i, 'those who'],
  [/\b(all )?but for\b|\ball but\b|\bnothing but\b/i, '"except" or "only"'],
  [/\b(hardly|likewise|for want of|in the midst of|one['’]s own)\b/i, 'a word of every day'],
  [/\bas (the )?\w+ (has|have) (it|them|one)\b/i, 'who says or does what'],
  [/\bof which there\b/i, 'two sentences'],
  [/\b(stand|stands|stood) for\b/i, 'means'],
  [/\b(can|cannot|could) be had\b/i, 'what cannot be done'],
  [/\bdiffers? (from (it|them|another|others) )?in from\b|\bdiffers in from\b/i, 'what varies'],
  [/\bis won by\b/i, 'is gained by, or what it helps'],
  [
    /^(At|Between|By|For|From|In|Of|On|Over|To|With) (how|what|which|whom|whose)\b(?!.*\?)/,
    'the subject first',
  ],
  [/^(Asked|Given|Known|Made|Read|Said|Told)( for)? (at|by|from|in|of)\b/, 'who does it, first'],
  [/^Of (?!course)/, 'the subject first'],
];

/** A sentence "Throws …" that has more causes than one. */
const HAS_CAUSES = /^Throws\b.*(;|, (and|for|if|or|when|without)\b| and (at|for|if|when|without)\b)/;

/** What is wrong with a sentence, in words. */
export function problemsOf({ text }: Sentence): string[] {
  const problems = UNCLEAR.flatMap(([pattern, better]) => {
    const found = pattern.exec(text.replace(/`[^`]*`/g, '`…`'));
    return found ? [`"${found[0].trim()}": write ${better}`] : [];
  });
  const words = wordsIn(text);
  if (words > MOST_WORDS) problems.push(`${words} words: write at most ${MOST_WORDS}`);
  if (HAS_CAUSES.test(text)) problems.push('several causes: write "Throws when:" and a list');
  return problems;
}
