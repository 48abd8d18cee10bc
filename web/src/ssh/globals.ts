/** dev-tunnels-ssh reaches for Node's `Buffer` by name: it has to be there before the library is loaded. */

import { Buffer } from "buffer";

Object.assign(globalThis, { Buffer });
