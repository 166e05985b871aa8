// Adds up a budget grid and the panel of sums above it while one types. Money is counted in cents, as on the server,
// which adds up again in any case. An amount that cannot be read is null, one that is not known is undefined.
import { centsOf, readingsOf } from "./entries.js";

// The cents of a figure as `wholeEuros` shows it.
export function centsShown(figure) {
  return centsOf(figure.replaceAll(",", ""));
}

export function wholeEuros(cents) {
  const euros = Math.floor(cents / 100).toLocaleString("en-GB");
  return cents % 100 ? `${euros}.${String(cents % 100).padStart(2, "0")}` : euros;
}

function words(cents) {
  return cents === null ? "?" : cents === undefined ? "not known" : wholeEuros(cents);
}

function sum(amounts) {
  if (amounts.includes(null)) return null;
  return amounts.includes(undefined) ? undefined : amounts.reduce((total, cents) => total + cents, 0);
}

// Shares are rounded down to the cent, as on the server; the partner takes the rest.
export function share(cents, basisPoints) {
  if (cents === null || basisPoints === undefined) return basisPoints === undefined ? undefined : null;
  // In two parts: the product of large amounts is more than a number can hold exactly.
  const rest = cents % 10000;
  return ((cents - rest) / 10000) * basisPoints + Math.floor((rest * basisPoints) / 10000);
}

// Which share of the whole a part is, in basis points, rounded down; null without a whole.
export function rateBetween(part, whole) {
  return whole > 0 && part >= 0 && part <= whole ? Number((BigInt(part) * 10000n) / BigInt(whole)) : null;
}

export function percent(basisPoints) {
  return `${Number((basisPoints / 100).toFixed(2))}\u00a0%`;
}

function tenths(basisPoints) {
  return `${(Math.floor(basisPoints / 10) / 10).toFixed(1)}\u00a0%`;
}

function write(row, selector, texts) {
  row?.querySelectorAll(selector).forEach((cell, column) => (cell.textContent = texts[column] ?? ""));
}

function fill(row, amounts) {
  write(row, "[data-grid-cell]", amounts.map(words));
  write(row, "[data-grid-all]", [words(sum(amounts))]);
  return amounts;
}

// What the panel says, by the names in its sentences; one without a value is not said.
export function sums({ totals, funding, own, funds, ceiling }) {
  const whole = sum(totals);
  const isReadable = whole !== null;
  // Partners whose rate is not known are left out, as the panel says.
  const known = (amounts) => (isReadable ? sum(amounts.filter((cents) => cents !== undefined)) : null);
  const funded = known(funding);
  const rate = isReadable && !funding.includes(undefined) ? rateBetween(funded, whole) : null;
  const over = isReadable && ceiling && whole > ceiling ? whole - ceiling : 0;
  const perFund = new Map();
  funding.forEach((cents, column) => perFund.set(funds[column], (perFund.get(funds[column]) ?? 0) + (cents || 0)));
  return { whole, funded, own: known(own), rate, over, perFund, isDrawn: isReadable && whole > 0 && !funding.includes(undefined) };
}

function say(panel, values) {
  for (const place of panel.querySelectorAll("[data-sums-say]")) {
    const names = [...place.dataset.sumsSay.matchAll(/{(\w+)}/g)].map(([, name]) => name);
    const text = place.dataset.sumsSay.replace(/{(\w+)}/g, (_, name) => values[name]);
    const isSaid = names.every((name) => values[name] !== undefined);
    (place.querySelector("span") ?? place).textContent = isSaid ? text : "";
    place.hidden = !isSaid;
  }
}

function draw(panel, { whole, funded, own, isDrawn }, ceiling, label) {
  const drawing = panel.querySelector("[data-sums-bar]");
  if (!drawing) return;
  drawing.hidden = !isDrawn;
  if (!isDrawn) return;
  const scale = 100 / (Math.max(whole, ceiling) * 1.05);
  const place = (part, x, width) => part && (part.setAttribute("x", x.toFixed(2)), part.setAttribute("width", Math.max(width, 0).toFixed(2)));
  const [first, second] = drawing.querySelectorAll(".bar__part");
  place(first, 0, funded * scale - 0.25);
  place(second, funded * scale, own * scale);
  place(drawing.querySelector(".bar__halo"), ceiling * scale - 0.3, 0.6);
  place(drawing.querySelector(".bar__limit"), ceiling * scale - 0.1, 0.2);
  drawing.querySelector("svg").setAttribute("aria-label", label);
}

function show(panel, found, ceiling, typed) {
  const euro = (cents) => (cents === null ? "?" : `€${wholeEuros(cents)}`);
  const unread = typed.find((text) => centsOf(text) === null);
  const [thousands, decimal] = (unread !== undefined && readingsOf(unread)) || [];
  const order = panel.dataset.sumsFunds.split("|").filter((fund) => found.perFund.get(fund));
  const values = {
    ...{ whole: euro(found.whole), funded: euro(found.funded), own: euro(found.own) },
    ...{ over: found.over ? euro(found.over) : undefined, rate: found.rate === null ? undefined : percent(found.rate) },
    ...{ typed: unread, thousands, decimal, unread: unread !== undefined && !thousands ? unread : undefined },
    funds: found.whole !== null && order.length ? order.map((fund) => `${fund} ${euro(found.perFund.get(fund))}`).join(", ") : undefined,
  };
  say(panel, values);
  const label = panel.querySelector("[data-sums-bar]")?.dataset.sumsBar ?? "";
  draw(panel, found, ceiling, label.replace(/{(\w+)}/g, (_, name) => values[name]));
}

function addUp(grid, panel) {
  const texts = [];
  const typed = [...grid.querySelectorAll("[data-grid-line]")].map((row) => {
    // Somebody who may type one column only sees the others as figures.
    const cells = [...row.querySelectorAll("td:not([data-grid-all])")];
    const amounts = cells.map((cell) => {
      const input = cell.querySelector("input");
      if (input) texts.push(input.value);
      return input ? centsOf(input.value) : centsShown(cell.textContent);
    });
    write(row, "[data-grid-all]", [words(sum(amounts))]);
    return amounts;
  });
  const calculated = [...grid.querySelectorAll("[data-grid-rate]")].map((row) => {
    const base = typed[Number(row.dataset.gridRateOf)] || [];
    return fill(row, base.map((cents) => share(cents, Number(row.dataset.gridRate))));
  });
  const lines = [...typed, ...calculated];
  const columns = Math.max(0, ...lines.map((line) => line.length));
  const totals = Array.from({ length: columns }, (_, column) => sum(lines.map((line) => line[column])));
  fill(grid.querySelector("[data-grid-sum]"), totals);

  const funded = grid.querySelector("[data-grid-funding]");
  if (!funded) return;
  const rates = funded.dataset.gridFunding.split(" ").map((rate) => (rate === "-" ? undefined : Number(rate)));
  const funding = fill(funded, totals.map((cents, column) => share(cents, rates[column])));
  const own = fill(grid.querySelector("[data-grid-own]"), totals.map((cents, column) => (funding[column] == null ? funding[column] : cents - funding[column])));

  const funds = (funded.dataset.gridFunds ?? "").split("|");
  const ceiling = Number(panel?.dataset.sumsCeiling) || 0;
  const found = sums({ totals, funding, own, funds, ceiling });
  write(grid.querySelector("[data-grid-rates]"), "[data-grid-all]", [found.rate === null ? "" : percent(found.rate)]);
  const parts = totals.map((cents) => (found.whole === null ? null : rateBetween(cents, found.whole)));
  write(grid.querySelector("[data-grid-parts]"), "[data-grid-cell]", parts.map((part) => (part === null ? "" : tenths(part))));
  write(grid.querySelector("[data-grid-parts]"), "[data-grid-all]", [found.whole ? "100\u00a0%" : ""]);
  grid.querySelector("[data-grid-sum] [data-grid-all]")?.classList.toggle("warn", found.over > 0);
  if (panel) show(panel, found, ceiling, texts);
}

export function addUpGrids() {
  for (const grid of document.querySelectorAll("[data-grid]")) {
    const panel = document.querySelector("[data-sums]");
    grid.addEventListener("input", () => addUp(grid, panel));
  }
}
