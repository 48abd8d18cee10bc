import { mount } from "svelte";
import english from "../../../wording/en/desk_page.ftl?raw";
import chinese from "../../../wording/zh-CN/desk_page.ftl?raw";
import "../style.css";
import "../wording/console";
import { applyTheme } from "../screens/theme.svelte";
import { addCatalogues, wording } from "../wording/wording.svelte";
import App from "./App.svelte";

addCatalogues({ en: english, "zh-CN": chinese });
applyTheme();
document.documentElement.lang = wording.language;
const target = document.getElementById("desk");
if (target) mount(App, { target });
