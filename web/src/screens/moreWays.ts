import type { OidcBeginBody, PasskeyLoginBody, PasskeyOptionsAnswer, WaysAnswer } from "../engineer/api_types";

/** What a server can do besides taking a password: `M` is what it says of who signed in. */
export interface MoreWays<M> {
  waysToSignIn(): Promise<WaysAnswer>;
  beginPasskeyLogin(): Promise<PasskeyOptionsAnswer>;
  passkeyLogin(body: PasskeyLoginBody): Promise<M>;
  beginProviderLogin(body: OidcBeginBody): Promise<string>;
  /** Who has signed in with this browser in another window; null for nobody. */
  signedInElsewhere(): Promise<M | null>;
}
