/**
 * `licenses.md` beside each page: what of others is in it, with the licence's own text. Vite's list leaves out what a thread
 * (a web worker) brings, and lists a package without its text where the package has no file of it.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

/** Texts of those who put none into their package, by its name with `+` for `/`; from their repositories. */
const TEXTS = new URL("./licenses/", import.meta.url).pathname;
/** This project's own, which is that of every package under the same licence. */
const APACHE = new URL("../LICENSE", import.meta.url).pathname;
const FOLDER_OF_PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

/** One for the page and one for its threads, which are bundled apart and before it. */
export function licenses(): { page: Plugin; thread: Plugin } {
  const folders = new Set<string>();
  const note = (bundle: Rolldown.OutputBundle): void => {
    for (const file of Object.values(bundle)) {
      const ids = file.type === "chunk" ? file.moduleIds : [];
      for (const id of ids) {
        const folder = FOLDER_OF_PACKAGE.exec(id)?.[0];
        if (folder && !id.startsWith("\0")) folders.add(folder);
      }
    }
  };
  return {
    thread: { name: "consentry-licenses-of-thread", generateBundle: (_, bundle) => note(bundle) },
    page: {
      name: "consentry-licenses",
      generateBundle(_, bundle) {
        note(bundle);
        const entries = [...folders].map(entry).sort();
        const source = ["# Licenses", "What of others is in this page.", ...new Set(entries)].join("\n\n");
        this.emitFile({ type: "asset", fileName: "licenses.md", source: `${source}\n` });
      },
    },
  };
}

function entry(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  return `## ${name} - ${version} (${license})\n\n${text(folder, name, license)}`;
}

/** A page without somebody's text must not be built: most licences are given on this condition alone. */
function text(folder: string, name: string, license: string): string {
  const ofPackage = readdirSync(folder).find((file) => /^(licen[cs]e|copying)/i.test(file));
  const ofOurs = license === "Apache-2.0" ? APACHE : `${TEXTS}${name.replace("/", "+")}.txt`;
  if (!ofPackage && !existsSync(ofOurs))
    throw new Error(`${name} brings no text of its licence: put it into ${ofOurs}`);
  return readFileSync(ofPackage ? join(folder, ofPackage) : ofOurs, "utf-8").trim();
}
