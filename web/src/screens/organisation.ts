/** The organisation whose pages these are, pinned by its root key when this browser first saw it. */

import type { BrokerApi, Organisation } from "../engineer/api";
import { toBase64Url } from "../protocol/bytes";
import { ConsentryError } from "../protocol/errors";
import { recall, remember } from "./remembered";

/** Another root than last time: a broker that was taken over, or an address that was given to somebody else. */
export class RootChanged extends ConsentryError {
  constructor() {
    super("console-error-root-changed");
  }
}

/** Asks the broker each time, for the profile may change; throws ProfileError and RootChanged. */
export function pinnedOrganisation(api: BrokerApi): () => Promise<Organisation> {
  return async () => {
    const organisation = await api.organisation();
    const rootKey = toBase64Url(organisation.rootKey);
    if ((recall("root-key") ?? rootKey) !== rootKey) throw new RootChanged();
    remember("root-key", rootKey);
    return organisation;
  };
}
