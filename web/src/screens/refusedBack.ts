import { ServerRefused } from "../http/api";

/** A server leads back to its page from the organisation's sign-in, with the name of what went wrong there. Taken out of
 * the address, so that it is not shown again; null where nothing went wrong. */
export function takeRefusal(): ServerRefused | null {
  const code = /^#\/refused\/([a-z-]{1,40})$/.exec(location.hash)?.[1];
  if (!code) return null;
  history.replaceState(null, "", "#/");
  return new ServerRefused(code, code, 403);
}
