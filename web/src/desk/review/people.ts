/** Reviewers by their full names, where the service knows them. */

import { safeText } from "../../wording/safeText";

export function fullName(names: Readonly<Record<string, string>>, userName: string): string {
  return safeText(names[userName] || userName);
}
