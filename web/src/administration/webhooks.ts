/** Which systems are told of sessions and ratings, and what became of each message. */

import type { BrokerApi } from "../engineer/api";
import type {
  DeliveriesAnswer,
  DeliveryEntry,
  SecretAnswer,
  WebhookAnswer,
  WebhookBody,
  WebhookEntry,
  WebhooksAnswer,
} from "../engineer/api_types";

export const EVENTS = ["session.live", "session.ended", "rating.kept"] as const satisfies WebhookBody["events"];

export class Webhooks {
  readonly #api: BrokerApi;

  constructor(api: BrokerApi) {
    this.#api = api;
  }

  async all(): Promise<readonly WebhookEntry[]> {
    return (await this.#api.ask<WebhooksAnswer>("GET", "/v1/webhooks")).webhooks;
  }

  /** The answer has its secret, which is shown this once. */
  add(body: WebhookBody): Promise<WebhookAnswer> {
    return this.#api.ask("POST", "/v1/webhooks", body);
  }

  async remove(webhookId: string): Promise<void> {
    await this.#api.ask("DELETE", `/v1/webhooks/${webhookId}`);
  }

  newSecret(webhookId: string): Promise<SecretAnswer> {
    return this.#api.ask("POST", `/v1/webhooks/${webhookId}/secret`, {});
  }

  async pause(webhookId: string): Promise<void> {
    await this.#api.ask("POST", `/v1/webhooks/${webhookId}/pause`, {});
  }

  async enable(webhookId: string): Promise<void> {
    await this.#api.ask("POST", `/v1/webhooks/${webhookId}/enable`, {});
  }

  /** Sends a message that says nothing, and answers with what came of it. */
  test(webhookId: string): Promise<DeliveryEntry> {
    return this.#api.ask("POST", `/v1/webhooks/${webhookId}/test`, {});
  }

  /** The newest first; `before` as the page before said. */
  deliveries(webhookId: string, before: string | null): Promise<DeliveriesAnswer> {
    const from = before === null ? "" : `&before=${encodeURIComponent(before)}`;
    return this.#api.ask("GET", `/v1/webhooks/${webhookId}/deliveries?limit=20${from}`);
  }

  async replay(webhookId: string, messageId: string): Promise<void> {
    await this.#api.ask("POST", `/v1/webhooks/${webhookId}/deliveries/${messageId}/replay`, {});
  }
}
