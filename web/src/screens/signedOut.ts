import { ConsentryError } from "../protocol/errors";

/** The sign-in ended while somebody worked: it expired, or they or an administrator ended it. */
export class SignedOutElsewhere extends ConsentryError {
  constructor() {
    super("console-signed-out-elsewhere");
    this.name = "SignedOutElsewhere";
  }
}
