// Adds up a budget grid while one types. Money is counted in cents, as on the server, which adds up again in any case.

const SEPARATORS = /[\s\u00a0\u202f,']/g;

export function centsOf(text) {
  const plain = text.trim().replace(/^€/, "").replace(SEPARATORS, "");
  if (plain === "") return 0;
  const match = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(plain);
  return match ? Number(match[1]) * 100 + Number((match[2] || "").padEnd(2, "0")) : null;
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
function share(cents, basisPoints) {
  return cents === null ? null : Math.floor((cents * basisPoints) / 10000);
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
    const amounts = cells.map((cell) => centsOf(cell.querySelector("input")?.value ?? cell.textContent));
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
