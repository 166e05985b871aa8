import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { script } from "./script.mjs";

const { centsShown, percent, rateBetween, share, wholeEuros } = await script("budget.js");
const { centsOf, readingsOf, tidy } = await script("entries.js");
const entries = JSON.parse(readFileSync(new URL("entries.json", import.meta.url), "utf8"));

for (const [typed, stored] of entries.texts) {
  test(`${JSON.stringify(typed)} is cleaned`, () => assert.equal(tidy(typed), stored));
}

for (const [typed, stored] of entries.lines) {
  test(`${JSON.stringify(typed)} becomes a line`, () => assert.equal(tidy(typed, true), stored));
}

for (const [typed, cents] of Object.entries(entries.amounts)) {
  test(`“${typed}” is read as ${cents} cents`, () => assert.equal(centsOf(typed), cents));
  test(`“${typed}” means one thing`, () => assert.equal(readingsOf(typed), null));
}

for (const typed of entries.refused_amounts) {
  test(`“${typed}” is not read`, () => assert.equal(centsOf(typed), null));
}

for (const [typed, readings] of Object.entries(entries.ambiguous)) {
  test(`“${typed}” could mean two things`, () => assert.deepEqual([centsOf(typed), readingsOf(typed)], [null, readings]));
}

for (const [cents, shown] of Object.entries(entries.shown)) {
  test(`${cents} cents are shown as ${shown}`, () => assert.equal(`€${wholeEuros(Number(cents))}`, shown));
  test(`${shown} is read back as ${cents} cents`, () => assert.equal(centsShown(shown), Number(cents)));
}

for (const [cents, basisPoints, part] of entries.shares) {
  test(`${basisPoints} of 10,000 of ${cents} cents are ${part}`, () => assert.equal(share(cents, basisPoints), part));
}

for (const [part, whole, rate] of entries.rates) {
  test(`${part} of ${whole} is the rate ${rate}`, () => assert.equal(rateBetween(part, whole), rate));
}

for (const [rate, shown] of Object.entries(entries.percents)) {
  test(`the rate ${rate} is shown as ${shown}`, () => assert.equal(percent(Number(rate)), shown));
}

test("a share of what cannot be read is not known", () => assert.equal(share(null, 5000), null));
