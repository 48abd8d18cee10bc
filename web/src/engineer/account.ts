/** What everybody may ask about their own account. */

import type { BrokerApi } from "./api";
import type {
  EndedAnswer,
  LoginEntry,
  LoginsAnswer,
  NewTokenAnswer,
  PasswordChangeBody,
  RecoveryCodesAnswer,
  TokenBody,
  TokensAnswer,
  TotpBody,
  TotpSecretAnswer,
  WaitingDeviceAnswer,
} from "./api_types";

export class Account {
  readonly #api: BrokerApi;

  constructor(api: BrokerApi) {
    this.#api = api;
  }

  async logins(): Promise<readonly LoginEntry[]> {
    return (await this.#api.ask<LoginsAnswer>("GET", "/v1/logins")).logins;
  }

  async endLogin(loginId: string): Promise<void> {
    await this.#api.ask("DELETE", `/v1/logins/${loginId}`);
  }

  /** All but this one; answers how many. */
  async endOtherLogins(): Promise<number> {
    return (await this.#api.ask<EndedAnswer>("DELETE", "/v1/logins")).ended;
  }

  async changePassword(body: PasswordChangeBody): Promise<void> {
    await this.#api.ask("POST", "/v1/account/password", body);
  }

  beginTotp(): Promise<TotpSecretAnswer> {
    return this.#api.ask("POST", "/v1/account/totp", {});
  }

  /** Answers with recovery codes, which are shown this once. */
  async setTotp(body: TotpBody): Promise<readonly string[]> {
    return (await this.#api.ask<RecoveryCodesAnswer>("PUT", "/v1/account/totp", body)).codes;
  }

  async removeTotp(password: string): Promise<void> {
    await this.#api.ask("DELETE", "/v1/account/totp", { password });
  }

  async newRecoveryCodes(password: string): Promise<readonly string[]> {
    return (await this.#api.ask<RecoveryCodesAnswer>("POST", "/v1/account/recovery-codes", { password })).codes;
  }

  tokens(): Promise<TokensAnswer> {
    return this.#api.ask("GET", "/v1/tokens");
  }

  newToken(body: TokenBody): Promise<NewTokenAnswer> {
    return this.#api.ask("POST", "/v1/tokens", body);
  }

  async revokeToken(tokenId: string): Promise<void> {
    await this.#api.ask("DELETE", `/v1/tokens/${tokenId}`);
  }

  /** The program that waits behind a user code. */
  waitingDevice(userCode: string): Promise<WaitingDeviceAnswer> {
    return this.#api.ask("GET", `/v1/device-logins/${encodeURIComponent(userCode)}`);
  }

  async decideDevice(userCode: string, allow: boolean): Promise<void> {
    await this.#api.ask("POST", `/v1/device-logins/${encodeURIComponent(userCode)}`, { allow });
  }
}
