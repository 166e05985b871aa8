// Adds up a budget grid while one types. Money is counted in cents, as on the server, which adds up again in any case.

const AMOUNT = /^([-+]?)([0-9]{1,3}(?:[ ,.'][0-9]{3})+|[0-9]+)(?:[.,]([0-9]{1,2}))?$/;
const LARGEST_CENTS = 10_000_000_000_00;

// The cents of an amount as people type it; nothing counts as 0, what the server would refuse is null.
export function centsOf(text) {
  const typed = text.replace(/[\u00a0\u202f\u2009]/g, " ").replaceAll("’", "'").trim();
  const plain = typed.replace(/^€/, "").replace(/€$/, "").trim();
  if (plain === "") return 0;
  const [match, sign, whole, decimals] = AMOUNT.exec(plain) || [];
  if (match === undefined || new Set(whole.replace(/[0-9]/g, "")).size > 1) return null;
  // "1.500" could mean two things.
  if (decimals === undefined && whole.match(/[,.]/g)?.length === 1) return null;
  const cents = Number(whole.replace(/[^0-9]/g, "")) * 100 + Number((decimals || "").padEnd(2, "0"));
  return cents > LARGEST_CENTS || (sign === "-" && cents) ? null : cents;
}

// The cents of a figure as `wholeEuros` shows it.
export function centsShown(figure) {
  return centsOf(figure.replaceAll(",", ""));
}

export function wholeEuros(cents) {
  const euros = Math.floor(cents / 100).toLocaleString("en-GB");
  return cents % 100 ? `${euros}.${String(cents % 100).padStart(2, "0")}` : euros;
}

function write(cell, cents) {
  if (cell) cell.textContent = cents === null ? "?" : wholeEuros(cents);
}

function sum(amounts) {
  return amounts.includes(null) ? null : amounts.reduce((total, cents) => total + cents, 0);
}

// Shares are rounded down to the cent, as on the server; the partner takes the rest.
export function share(cents, basisPoints) {
  if (cents === null) return null;
  // In two parts: the product of large amounts is more than a number can hold exactly.
  const rest = cents % 10000;
  return ((cents - rest) / 10000) * basisPoints + Math.floor((rest * basisPoints) / 10000);
}

function fill(row, amounts) {
  if (!row) return amounts;
  const cells = row.querySelectorAll("[data-grid-cell]");
  amounts.forEach((cents, column) => write(cells[column], cents));
  write(row.querySelector("[data-grid-all]"), sum(amounts));
  return amounts;
}

function addUp(grid) {
  const typed = [...grid.querySelectorAll("[data-grid-line]")].map((row) => {
    // Somebody who may type one column only sees the others as figures.
    const cells = [...row.querySelectorAll("td:not([data-grid-all])")];
    const amounts = cells.map((cell) => {
      const input = cell.querySelector("input");
      return input ? centsOf(input.value) : centsShown(cell.textContent);
    });
    write(row.querySelector("[data-grid-all]"), sum(amounts));
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
  const rates = funded.dataset.gridFunding.split(" ").map(Number);
  const funding = fill(funded, totals.map((cents, column) => share(cents, rates[column])));
  fill(grid.querySelector("[data-grid-own]"), totals.map((cents, column) => (cents === null ? null : cents - funding[column])));
}

export function addUpGrids() {
  for (const grid of document.querySelectorAll("[data-grid]")) {
    grid.addEventListener("input", () => addUp(grid));
  }
}
