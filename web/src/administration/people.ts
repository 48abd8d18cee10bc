/** What administrators ask of the broker. */

import type { BrokerApi } from "../engineer/api";
import type {
  HealthAnswer,
  NewPasswordAnswer,
  NewPersonAnswer,
  OrganisationAnswer,
  PeopleAnswer,
  PersonBody,
  PersonChangeBody,
  PersonEntry,
  TeamEntry,
  TeamsAnswer,
} from "../engineer/api_types";

export const ROLES = ["engineer", "supervisor", "reviewer", "external-reviewer", "administrator"] as const;

export class Administration {
  readonly #api: BrokerApi;

  constructor(api: BrokerApi) {
    this.#api = api;
  }

  async people(): Promise<readonly PersonEntry[]> {
    return (await this.#api.ask<PeopleAnswer>("GET", "/v1/people")).people;
  }

  add(body: PersonBody): Promise<NewPersonAnswer> {
    return this.#api.ask("POST", "/v1/people", body);
  }

  person(userName: string): Promise<PersonEntry> {
    return this.#api.ask("GET", path(userName));
  }

  /** `seen` is what the editor looked at: somebody else's change in between is not written over. */
  change(seen: PersonEntry, body: PersonChangeBody): Promise<PersonEntry> {
    return this.#api.ask("PATCH", path(seen.user_name), body, { "If-Match": `"v${seen.version}"` });
  }

  /** Empty: in none. Nobody is signed out by it. */
  putInto(team: string, seen: PersonEntry): Promise<PersonEntry> {
    return this.#api.ask("PUT", `${path(seen.user_name)}/team`, { team }, { "If-Match": `"v${seen.version}"` });
  }

  /** The last one are those who are in none, whose name is empty. */
  async teams(): Promise<readonly TeamEntry[]> {
    return (await this.#api.ask<TeamsAnswer>("GET", "/v1/teams")).teams;
  }

  async renameTeam(team: string, name: string): Promise<void> {
    await this.#api.ask("POST", "/v1/teams/rename", { team, name });
  }

  async newPassword(userName: string): Promise<string> {
    return (await this.#api.ask<NewPasswordAnswer>("POST", `${path(userName)}/password`, {})).password;
  }

  async removeTotp(userName: string): Promise<void> {
    await this.#api.ask("DELETE", `${path(userName)}/totp`);
  }

  organisation(): Promise<OrganisationAnswer> {
    return this.#api.ask("GET", "/v1/organisation");
  }

  health(): Promise<HealthAnswer> {
    return this.#api.ask("GET", "/v1/health");
  }
}

function path(userName: string): string {
  return `/v1/people/${encodeURIComponent(userName)}`;
}
