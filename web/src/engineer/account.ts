/** What only the broker has of one's own account: tokens for programs. */

import type { BrokerApi } from "./api";
import type { NewTokenAnswer, TokenBody, TokensAnswer } from "./api_types";

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
}
