/**
 * What can go wrong with files.
 *
 *     FileRefused     the other end said no, in words; FileMissing when there is no such file
 *     FileExists      there is one of that name, and nobody said to replace it
 *     FileChanged     what arrived is not what is there: it changed meanwhile
 *     FileTooLarge    for a browser that has to hold it in memory
 *     NotAFile        something else has that name
 *     NothingToFetch  a pipe, a device or the like, or a link to one
 *     FolderTooLarge  more in it, or deeper, than anybody moves by hand
 *     FolderNotMoved  this browser lets no page write into a folder
 *     FilesGone       the connection has ended
 */

import { ConsentryError } from "../protocol/errors";
import { safeText } from "../wording/safeText";

const SAID_LIMIT = 300;

export class FileRefused extends ConsentryError {
  /** `said` is the other end's: made harmless, and never endless. */
  constructor(said: string) {
    super("console-files-error-refused", { said: safeText(said.slice(0, SAID_LIMIT)) || "…" });
    this.name = "FileRefused";
  }
}

export class FileMissing extends ConsentryError {
  constructor() {
    super("console-files-error-missing");
    this.name = "FileMissing";
  }
}

export class FileExists extends ConsentryError {
  constructor() {
    super("console-files-error-exists");
    this.name = "FileExists";
  }
}

export class FileChanged extends ConsentryError {
  constructor() {
    super("console-files-error-changed");
    this.name = "FileChanged";
  }
}

export class FileTooLarge extends ConsentryError {
  constructor(limitMib: number) {
    super("console-files-error-too-large", { limit: limitMib });
    this.name = "FileTooLarge";
  }
}

export class NotAFile extends ConsentryError {
  constructor() {
    super("console-files-error-not-a-file");
    this.name = "NotAFile";
  }
}

export class NothingToFetch extends ConsentryError {
  /** `name` as it is shown to people. */
  constructor(name: string) {
    super("console-files-error-nothing", { name });
    this.name = "NothingToFetch";
  }
}

export class FolderNotMoved extends ConsentryError {
  constructor() {
    super("console-files-error-folder");
    this.name = "FolderNotMoved";
  }
}

export class FolderTooLarge extends ConsentryError {
  constructor(limitEntries: number, limitDepth: number) {
    super("console-files-error-folder-large", { entries: limitEntries, depth: limitDepth });
    this.name = "FolderTooLarge";
  }
}

export class FilesGone extends ConsentryError {
  constructor() {
    super("console-files-error-gone");
    this.name = "FilesGone";
  }
}
