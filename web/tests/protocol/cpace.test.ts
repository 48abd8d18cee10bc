import { expect, test } from "vitest";
import { toHex } from "../../src/protocol/bytes";
import * as cpace from "../../src/protocol/cpace";
import { bytes, vectors } from "../vectors";

// draft-irtf-cfrg-cpace-21, appendix B.1, as tests/protocol/test_cpace.py has it.
const DRAFT = {
  PRS: "50617373776f7264",
  CI: "0b415f696e69746961746f720b425f726573706f6e646572",
  sid: "7e4b4791d6a8ef019b936c79fb7f2c57",
  g: "d04bf6d41f6a289632a2e929fa29bebd51092512a7829fdde7d314b62f05a73f",
  ya: "21b4f4bd9e64ed355c3eb676a28ebedaf6d8f17bdc365995b319097153044080",
  ADa: "414461",
  Ya: "1d13c89278cdadd826f6d8d7f887701430f8380ddc17611cdd6dc989ce0c9f32",
  yb: "848b0779ff415f0af4ea14df9dd1d3c29ac41d836c7808896c4eba19c51ac40a",
  ADb: "414462",
  Yb: "248cccf6d5cdc3646f0ad593f9e6cef4e69d4945f8372e623512ecea32185623",
  K: "5b067effbdc0b2a0e1d907b21ebb25cfedb96a852179a847c37e43ee71322c6b",
  ISK_IR:
    "6e19b875f7a561d6b3ca3dbb9ef42ac55de3e717881018204b8922b4d5e53bb2" +
    "aa82c300bea7b65d2b671da71922ddf6472301b79bc270adfa8bf413285f2263",
};

const LOW_ORDER_SHARES = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

test.each([
  ["the draft's", DRAFT],
  ["our own", vectors("cpace")],
])("%s run comes out to the byte, at both ends", (_, run) => {
  const given = Object.fromEntries(Object.entries(run).map(([name, hex]) => [name, bytes(hex as string)]));
  const { PRS, CI, sid, g, ya, Ya, ADa, yb, Yb, ADb, K } = given as Record<string, Uint8Array<ArrayBuffer>>;
  if (!PRS || !CI || !sid || !g || !ya || !Ya || !ADa || !yb || !Yb || !ADb || !K)
    throw new Error("a figure is missing");
  expect(toHex(cpace.generator(PRS, CI, sid))).toBe(toHex(g));
  expect(toHex(cpace.publicShare(ya, g))).toBe(toHex(Ya));
  expect(toHex(cpace.publicShare(yb, g))).toBe(toHex(Yb));
  expect(toHex(cpace.sharedPoint(ya, Yb))).toBe(toHex(K));
  expect(toHex(cpace.sharedPoint(yb, Ya))).toBe(toHex(K));
  const isk = cpace.intermediateKey(K, sid, cpace.transcriptIr(Ya, ADa, Yb, ADb));
  expect(toHex(isk)).toBe(run.ISK_IR);
  if ("Ta" in run) {
    expect(toHex(cpace.confirmationTag(isk, sid, Ya, ADa))).toBe(run.Ta);
    expect(toHex(cpace.confirmationTag(isk, sid, Yb, ADb))).toBe(run.Tb);
  }
});

test.each(LOW_ORDER_SHARES)("the share %s, which would fix the key, is refused", (share) => {
  expect(() => cpace.sharedPoint(cpace.newScalar(), bytes(share))).toThrow(cpace.ShareRefused);
});

test("lists of fields come back as they were, and nothing else is read", () => {
  const items = [bytes("01"), bytes(""), new Uint8Array(300)];
  expect(cpace.lvSplit(cpace.lvCat(...items))).toEqual(items);
  for (const malformed of ["02ff", "8000", "8080808001", "80"])
    expect(() => cpace.lvSplit(bytes(malformed)), malformed).toThrow("console-error-peer");
});
