/** The console runs in browsers: what tests run goes the way that a browser takes, through WebCrypto. */

import { webcrypto } from "node:crypto";

Object.assign(globalThis, { self: globalThis });
if (!globalThis.crypto) Object.assign(globalThis, { crypto: webcrypto });
if (!globalThis.navigator) Object.assign(globalThis, { navigator: { language: "en" } });
