import { ConsentryError } from "../protocol/errors";

/** Nobody did anything on any page of theirs for so long. */
export class SignedOutIdle extends ConsentryError {
  constructor(minutes: number) {
    super("console-signed-out-idle", { minutes });
    this.name = "SignedOutIdle";
  }
}

/** The sign-in ended while somebody worked: it expired, or they or an administrator ended it. */
export class SignedOutElsewhere extends ConsentryError {
  constructor() {
    super("console-signed-out-elsewhere");
    this.name = "SignedOutElsewhere";
  }
}
