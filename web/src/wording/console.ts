/** The sentences of the console, of which the desk has some, too. The customer's page brings others. */

import english from "../../../wording/en/console.ftl?raw";
import chinese from "../../../wording/zh-CN/console.ftl?raw";
import { addCatalogues } from "./wording.svelte";

addCatalogues({ en: english, "zh-CN": chinese });
