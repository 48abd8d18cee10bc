/**
 * Names of somebody else's files. They are bytes, and nothing says that they are text: what goes back to the other end
 * are those bytes; what a person sees, and what a file on this computer is called, is made here.
 */

import { concat, utf8 } from "../protocol/bytes";
import { safeText } from "../wording/safeText";

const SLASH = 0x2f;
/** What some system does not allow in a name (Windows: learn.microsoft.com, "Naming Files, Paths, and Namespaces"). */
const FORBIDDEN = /[\\/:*?"<>|]/g;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const LOCAL_NAME_LIMIT = 120;

/** A name or a path for a person; bytes that are no UTF-8 are written out, too. */
export function shownName(name: Uint8Array): string {
  try {
    return safeText(new TextDecoder("utf-8", { fatal: true }).decode(name));
  } catch {
    // Byte by byte: what is no ASCII cannot be told from what would be shown in its place.
    return Array.from(name, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
    ).join("");
  }
}

/** What a file may be called on this computer, whatever system that has. Never a path, never hidden, never empty. */
export function localName(name: Uint8Array): string {
  const plain = shownName(name)
    .replace(FORBIDDEN, "_")
    .replace(/^[. ]+|[. ]+$/g, "");
  const named = RESERVED.test(plain) ? `_${plain}` : plain;
  return shortened(named) || "file";
}

function shortened(name: string): string {
  if (name.length <= LOCAL_NAME_LIMIT) return name;
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : "";
  return name.slice(0, LOCAL_NAME_LIMIT - ending.length) + ending;
}

export function joined(folder: Uint8Array, name: Uint8Array): Uint8Array {
  return folder.at(-1) === SLASH ? concat(folder, name) : concat(folder, Uint8Array.of(SLASH), name);
}

/** The folder that a path is in; the root is in itself. */
export function folderOf(path: Uint8Array): Uint8Array {
  const cut = path.lastIndexOf(SLASH);
  return cut <= 0 ? utf8("/") : path.slice(0, cut);
}

export function isBelow(path: Uint8Array, folder: Uint8Array): boolean {
  const prefix = folder.at(-1) === SLASH ? folder : concat(folder, Uint8Array.of(SLASH));
  return path.length > prefix.length && prefix.every((byte, index) => path[index] === byte);
}

/** One component of a path, and no more: what the other end lists, and what a person types. */
export function isName(name: Uint8Array): boolean {
  return name.length > 0 && name.length <= 255 && !name.includes(SLASH) && !name.includes(0) && !isDots(name);
}

/** `.` and `..`, which are in every folder. */
export function isDots(name: Uint8Array): boolean {
  return (name.length === 1 || name.length === 2) && name.every((byte) => byte === 0x2e);
}
