import { mount } from "svelte";
import agentEnglish from "../../../wording/en/agent.ftl?raw";
import english from "../../../wording/en/page.ftl?raw";
import agentChinese from "../../../wording/zh-CN/agent.ftl?raw";
import chinese from "../../../wording/zh-CN/page.ftl?raw";
import "../style.css";
import "./local.css";
import { applyTheme } from "../screens/theme.svelte";
import { addCatalogues, wording } from "../wording/wording.svelte";
import App from "./App.svelte";

// What the terminal says to the customer, the page says in the same words; and a few of its own.
addCatalogues({ en: agentEnglish, "zh-CN": agentChinese });
addCatalogues({ en: english, "zh-CN": chinese });
applyTheme();
document.documentElement.lang = wording.language;
const target = document.getElementById("local");
if (target) mount(App, { target });
