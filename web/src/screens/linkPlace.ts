/** Where a program that asks to be logged in sends its user: `#/link`, or `#/link/BCDF-GHJK` with its code. */
export function linkOf(hash: string): { readonly userCode: string | null } | null {
  const found = /^#\/link(?:\/([A-Za-z-]{1,20}))?$/.exec(hash);
  return found && { userCode: found[1] ?? null };
}
