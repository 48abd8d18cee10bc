/** Keys for a shell that is still on its way: kept, in order, and given to it when it is there. */

/** More than a person types in the seconds that a shell takes; a page or two that are pasted fit, too. */
export const KEPT_LIMIT_BYTES = 64 * 1024;

type Type = (data: Uint8Array) => void;

export class TypeAhead {
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #isFull = false;
  #shell: Type | null = null;

  /** Behind what does not fit nothing is kept, either: a command with a gap in it would be another command. */
  type(data: Uint8Array): void {
    if (this.#shell) {
      this.#shell(data);
      return;
    }
    this.#isFull ||= this.#keptBytes + data.length > KEPT_LIMIT_BYTES;
    if (this.#isFull) return;
    this.#kept.push(data);
    this.#keptBytes += data.length;
  }

  /** The shell is there: it gets what was kept, and whatever is typed from now on. */
  arrived(shell: Type): void {
    this.#shell = shell;
    for (const data of this.#kept.splice(0)) shell(data);
  }
}
