/** What every server of ours has for signing in and for one's own account; `M` is what it says of who is signed in. */

import type {
  AllTokensAnswer,
  EndedAnswer,
  EventsAnswer,
  LoginBody,
  LoginEntry,
  LoginsAnswer,
  NewTokenAnswer,
  OidcBeginBody,
  OidcBegunAnswer,
  OidcSignOutAnswer,
  OwnedTokenEntry,
  PasskeyAnswer,
  PasskeyBody,
  PasskeyLoginBody,
  PasskeyOptionsAnswer,
  PasskeysAnswer,
  PasswordChangeBody,
  PersonTokensAnswer,
  PresenceAnswer,
  RecoveryCodesAnswer,
  TokenBody,
  TokenEntry,
  TokensAnswer,
  TotpBody,
  TotpSecretAnswer,
  WaitingDeviceAnswer,
  WaysAnswer,
} from "../engineer/api_types";
import { type Fetch, HttpApi, type Method, ServerRefused } from "./api";

/** It would be done for somebody who has just signed in: see FreshSignIn.svelte. */
export function needsFreshSignIn(error: unknown): boolean {
  return error instanceof ServerRefused && error.code === "fresh-sign-in-needed";
}

/** As much of whoever is signed in as their account page shows. */
export interface SignedIn {
  readonly user_name: string;
  readonly name: string;
  readonly totp: boolean;
  readonly recovery_codes: number;
  readonly password: boolean;
  readonly tokens_ending: number;
  readonly method: string;
}

export class SignInApi<M = SignedIn> {
  protected readonly http: HttpApi;

  /** Called whenever the server says that nobody is signed in, whatever was asked. */
  onsignedout: () => void = () => undefined;

  constructor(fetch?: Fetch) {
    this.http = new HttpApi(fetch, (refusal) => {
      if (refusal.code === "not-logged-in") this.onsignedout();
    });
  }

  // ── in and out ──

  login(body: LoginBody): Promise<M> {
    return this.#signIn("/v1/browser-login", body);
  }

  waysToSignIn(): Promise<WaysAnswer> {
    return this.ask("GET", "/v1/sign-in-ways");
  }

  beginPasskeyLogin(): Promise<PasskeyOptionsAnswer> {
    return this.ask("POST", "/v1/passkey-login/begin", {});
  }

  passkeyLogin(body: PasskeyLoginBody): Promise<M> {
    return this.#signIn("/v1/passkey-login", body);
  }

  /** The address of the organisation's own sign-in, to which the browser goes then. */
  async beginProviderLogin(body: OidcBeginBody): Promise<string> {
    return (await this.ask<OidcBegunAnswer>("POST", "/v1/oidc/begin", body)).url;
  }

  /** Signs out here; the address where to sign out there, too, if it has one. */
  async logoutOfProvider(): Promise<string | null> {
    return (await this.ask<OidcSignOutAnswer>("POST", "/v1/oidc/sign-out", {})).url;
  }

  async logout(): Promise<void> {
    await this.ask("POST", "/v1/logout", {});
  }

  signedInElsewhere(): Promise<M | null> {
    this.http.signedIn();
    return this.me();
  }

  /** How long the login lasts when nobody does anything. Asking keeps nothing alive. */
  presence(): Promise<PresenceAnswer> {
    return this.ask("GET", "/v1/presence");
  }

  /** Somebody is at this page. */
  stay(): Promise<PresenceAnswer> {
    return this.ask("POST", "/v1/presence", {});
  }

  async #signIn(path: string, body: object): Promise<M> {
    const me = await this.ask<M>("POST", path, body);
    this.http.signedIn();
    return me;
  }

  /** Who is signed in; null for nobody. */
  me(): Promise<M | null> {
    return this.http.askWhoever("/v1/me");
  }

  // ── one's own account ──

  async logins(): Promise<readonly LoginEntry[]> {
    return (await this.ask<LoginsAnswer>("GET", "/v1/logins")).logins;
  }

  async endLogin(loginId: string): Promise<void> {
    await this.ask("DELETE", `/v1/logins/${loginId}`);
  }

  /** All but this one; answers how many. */
  async endOtherLogins(): Promise<number> {
    return (await this.ask<EndedAnswer>("DELETE", "/v1/logins")).ended;
  }

  async changePassword(body: PasswordChangeBody): Promise<void> {
    await this.ask("POST", "/v1/account/password", body);
  }

  beginTotp(): Promise<TotpSecretAnswer> {
    return this.ask("POST", "/v1/account/totp", {});
  }

  /** Answers with recovery codes, which are shown this once. */
  async setTotp(body: TotpBody): Promise<readonly string[]> {
    return (await this.ask<RecoveryCodesAnswer>("PUT", "/v1/account/totp", body)).codes;
  }

  async removeTotp(password: string): Promise<void> {
    await this.ask("DELETE", "/v1/account/totp", { password });
  }

  async newRecoveryCodes(password: string): Promise<readonly string[]> {
    return (await this.ask<RecoveryCodesAnswer>("POST", "/v1/account/recovery-codes", { password })).codes;
  }

  async passkeys(): Promise<readonly PasskeyAnswer[]> {
    return (await this.ask<PasskeysAnswer>("GET", "/v1/passkeys")).passkeys;
  }

  beginPasskey(): Promise<PasskeyOptionsAnswer> {
    return this.ask("POST", "/v1/passkeys/begin", {});
  }

  addPasskey(body: PasskeyBody): Promise<PasskeyAnswer> {
    return this.ask("POST", "/v1/passkeys", body);
  }

  async renamePasskey(passkeyId: number, name: string): Promise<void> {
    await this.ask("POST", `/v1/passkeys/${passkeyId}/rename`, { name });
  }

  async removePasskey(passkeyId: number): Promise<void> {
    await this.ask("POST", `/v1/passkeys/${passkeyId}/remove`, {});
  }

  // ── programs: their API tokens, and those that ask to be logged in ──

  tokens(): Promise<TokensAnswer> {
    return this.ask("GET", "/v1/tokens");
  }

  newToken(body: TokenBody): Promise<NewTokenAnswer> {
    return this.ask("POST", "/v1/tokens", body);
  }

  async revokeToken(tokenId: string): Promise<void> {
    await this.ask("DELETE", `/v1/tokens/${tokenId}`);
  }

  /** The program that waits behind a user code. */
  waitingDevice(userCode: string): Promise<WaitingDeviceAnswer> {
    return this.ask("GET", devicePath(userCode));
  }

  async decideDevice(userCode: string, allow: boolean): Promise<void> {
    await this.ask("POST", devicePath(userCode), { allow });
  }

  // ── others' logins and tokens and what was decided, for administrators ──

  async loginsOf(userName: string): Promise<readonly LoginEntry[]> {
    return (await this.ask<LoginsAnswer>("GET", `${personPath(userName)}/logins`)).logins;
  }

  async endLoginOf(userName: string, loginId: string): Promise<void> {
    await this.ask("DELETE", `${personPath(userName)}/logins/${loginId}`);
  }

  async endAllLoginsOf(userName: string): Promise<void> {
    await this.ask("DELETE", `${personPath(userName)}/logins`);
  }

  async tokensOf(userName: string): Promise<readonly TokenEntry[]> {
    return (await this.ask<PersonTokensAnswer>("GET", `${personPath(userName)}/tokens`)).tokens;
  }

  async revokeTokenOf(userName: string, tokenId: string): Promise<void> {
    await this.ask("DELETE", `${personPath(userName)}/tokens/${tokenId}`);
  }

  async allTokens(): Promise<readonly OwnedTokenEntry[]> {
    return (await this.ask<AllTokensAnswer>("GET", "/v1/all-tokens")).tokens;
  }

  events(before: number | null): Promise<EventsAnswer> {
    return this.ask("GET", before === null ? "/v1/events" : `/v1/events?before=${before}`);
  }

  /** For whoever knows paths of their own. `undefined` for an answer of nothing. */
  ask<T>(
    method: Method,
    path: string,
    body?: object,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.http.ask(method, path, body, headers, signal);
  }
}

function devicePath(userCode: string): string {
  return `/v1/device-logins/${encodeURIComponent(userCode)}`;
}

function personPath(userName: string): string {
  return `/v1/people/${encodeURIComponent(userName)}`;
}
