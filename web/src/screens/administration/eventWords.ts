/** What a decision's facts say, for whoever reads a list of them. */

import { safeText } from "../../wording/safeText";
import { say, wording } from "../../wording/wording.svelte";

type Fact = string | number | boolean;

/** `because: device lost`; a name that has no word in the catalogues is shown as it is kept. */
export function factsText(facts: Readonly<Record<string, Fact>>): string[] {
  return Object.entries(facts).map(([name, value]) => {
    const word = wording.sayIfKnown(`console-fact-${name.replaceAll("_", "-")}`) ?? safeText(name);
    return `${word}: ${valueText(name, value)}`;
  });
}

function valueText(name: string, value: Fact): string {
  if (typeof value === "boolean") return say(value ? "console-yes" : "console-no");
  const isWord = name === "method" || name === "role";
  return (isWord ? wording.sayIfKnown(`console-${name}-${value}`) : null) ?? safeText(String(value));
}
