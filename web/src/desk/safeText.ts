/** The desk's words come from the other end of a session, too. */
export { safeText } from "../wording/safeText";
