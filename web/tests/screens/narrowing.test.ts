import { describe, expect, test } from "vitest";
import { choices, isOf, NONE } from "../../src/screens/narrowing";

const ALL = { team: "", tier: "" };

describe("sessions of one team or tier", () => {
  test("whatever is not asked for is all", () => {
    expect(isOf(ALL, { team: "Berlin", tier: "gold" })).toBe(true);
    expect(isOf(ALL, ALL)).toBe(true);
  });

  test("those of none are asked for by a dash, and are of no team", () => {
    expect(isOf({ ...ALL, team: NONE }, ALL)).toBe(true);
    expect(isOf({ ...ALL, team: NONE }, { team: "Berlin", tier: "" })).toBe(false);
    expect(isOf({ team: "Berlin", tier: NONE }, { team: "Berlin", tier: "" })).toBe(true);
    expect(isOf({ team: "Berlin", tier: "gold" }, { team: "Berlin", tier: "" })).toBe(false);
  });

  test("there is something to choose only where somebody is in a team; none comes last", () => {
    expect(choices(["", "", NONE])).toEqual([]);
    expect(choices(["Hamburg", "", "Berlin", "Berlin"])).toEqual(["Berlin", "Hamburg", NONE]);
    expect(choices(["Berlin"])).toEqual(["Berlin"]);
  });

  test("what is chosen is offered, although nothing of it is left", () => {
    expect(choices([""], "Berlin")).toEqual(["Berlin", NONE]);
    expect(choices([], NONE)).toEqual([NONE]);
  });
});
