import { mount } from "svelte";
import "./wording/console";
import App from "./screens/App.svelte";
import "./style.css";
import { applyTheme } from "./screens/theme.svelte";
import { wording } from "./wording/wording.svelte";

applyTheme();
document.documentElement.lang = wording.language;
const target = document.getElementById("console");
if (target) mount(App, { target });
