/** What only the broker has of one's own account: tokens for programs, and programs that ask to be let in. */

import type { BrokerApi } from "./api";
import type { NewTokenAnswer, TokenBody, TokensAnswer, WaitingDeviceAnswer } from "./api_types";

export class Account {
  readonly #api: BrokerApi;

  constructor(api: BrokerApi) {
    this.#api = api;
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
