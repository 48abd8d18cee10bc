/** What people read where something failed that no rule of ours names. */

import { describe, expect, test } from "vitest";
import "../../src/wording/console";
import { wording } from "../../src/wording/wording.svelte";

const URL_OF_A_PART = "https://broker.example/assets/terminal.js";

describe("an error that has no sentence of its own", () => {
  test.each([
    ["Chromium", new TypeError(`Failed to fetch dynamically imported module: ${URL_OF_A_PART}`)],
    ["Firefox", new TypeError(`error loading dynamically imported module: ${URL_OF_A_PART}`)],
    ["Safari", new TypeError("Importing a module script failed.")],
    ["a style that is missing", new Error("Unable to preload CSS for /assets/terminal.css")],
  ])("a part of the page that the server did not give is told as that: %s", (_browser, error) => {
    expect(wording.sayError(error)).toBe(wording.say("console-error-part-missing"));
  });

  test.each([[new TypeError("x is undefined")], ["a word"], [undefined]])(
    "a mistake of ours is told as one: %s",
    (error) => {
      expect(wording.sayError(error)).toBe(wording.say("console-error-unexpected"));
    },
  );
});
