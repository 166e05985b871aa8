import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { script } from "./script.mjs";

const { centsOf, centsShown, share, wholeEuros } = await script("budget.js");
const amounts = JSON.parse(readFileSync(new URL("amounts.json", import.meta.url), "utf8"));

for (const [typed, cents] of Object.entries(amounts.read)) {
  test(`“${typed}” is read as ${cents} cents`, () => assert.equal(centsOf(typed), cents));
}

for (const typed of amounts.refused) {
  test(`“${typed}” is not read`, () => assert.equal(centsOf(typed), null));
}

for (const [cents, shown] of Object.entries(amounts.shown)) {
  test(`${cents} cents are shown as ${shown}`, () => assert.equal(`€${wholeEuros(Number(cents))}`, shown));
  test(`${shown} is read back as ${cents} cents`, () => assert.equal(centsShown(shown), Number(cents)));
}

for (const [cents, basisPoints, part] of amounts.shares) {
  test(`${basisPoints} of 10,000 of ${cents} cents are ${part}`, () => assert.equal(share(cents, basisPoints), part));
}

test("a share of what cannot be read is not known", () => assert.equal(share(null, 5000), null));
