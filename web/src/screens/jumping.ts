/** What somebody means who types a part of a name. */

/** Those with all the words in their title; first those that begin with what was typed, each part in the order that it had. */
export function foundIn<T extends { readonly title: string }>(
  all: readonly T[],
  words: readonly string[],
): readonly T[] {
  const found = all.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  const begins = ({ title }: T) => title.toLowerCase().startsWith(words[0] ?? "");
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}
