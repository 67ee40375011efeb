
"use strict";

// Sorting: headers are buttons, so that keys work as clicks do.

function cellKey(row, column, kind) {
  const cell = row.cells[column];
  if (kind === "text") return cell.textContent;
  return cell.dataset.v === "" ? NaN : Number(cell.dataset.v);
}

function comparison(kind, sign) {
  if (kind === "text") {
    const collator = new Intl.Collator("en", { numeric: true });
    return (one, two) => sign * collator.compare(one.key, two.key);
  }
  return (one, two) => {
    // what is missing comes last in either direction
    if (Number.isNaN(one.key) || Number.isNaN(two.key)) {
      return Number.isNaN(one.key) - Number.isNaN(two.key);
    }
    return one.key === two.key ? 0 : sign * (one.key < two.key ? -1 : 1);
  };
}

function sortBy(header) {
  const table = header.closest("table");
  const kind = header.dataset.kind;
  const before = header.getAttribute("aria-sort");
  const first = kind === "text" ? "ascending" : "descending";
  const second = kind === "text" ? "descending" : "ascending";
  const order = before === first ? second : first;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", order);
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => ({ row, key: cellKey(row, header.cellIndex, kind) }));
  rows.sort(comparison(kind, order === "ascending" ? 1 : -1));
  body.append(...rows.map((item) => item.row));
}

for (const button of document.querySelectorAll(".sortable th button")) {
  button.addEventListener("click", () => sortBy(button.closest("th")));
}

// Filter of the pairs.

const filter = document.getElementById("filter");
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  let found = 0;
  for (const row of document.getElementById("pairs").tBodies[0].rows) {
    const names = (row.cells[0].textContent + "\n" + row.cells[1].textContent).toLowerCase();
    row.hidden = !names.includes(wanted);
    found += !row.hidden;
  }
  document.getElementById("found").textContent = wanted ? found + " pairs" : "";
});

// Heat map: a line under it says what a cell holds.

const heat = document.getElementById("heat");
const line = document.getElementById("cell");
const titles = Array.from(document.getElementById("pairs").tHead.rows[0].cells, (cell) =>
  cell.textContent.trim());

function describe(cell) {
  const cells = document.getElementById(cell.dataset.row).cells;
  const facts = Array.from(cells).slice(2).map((fact, i) =>
    fact.textContent ? titles[i + 2] + " " + fact.textContent : "");
  line.textContent = cells[0].textContent + " and " + cells[1].textContent + ": " +
    facts.filter(Boolean).join("; ");
}

function move(cell, down, right) {
  const rows = heat.tBodies[0].rows;
  let row = cell.parentElement.rowIndex - 1;
  let column = cell.cellIndex;
  do {
    row += down;
    column += right;
    const next = rows[row] && column > 0 ? rows[row].cells[column] : null;
    if (!next) return;
    if (next.dataset.row) {
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return;
    }
  } while (true);
}

const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
heat.querySelectorAll("td[data-row]").forEach((cell, i) => { cell.tabIndex = i ? -1 : 0; });
for (const event of ["focusin", "mouseover"]) {
  heat.addEventListener(event, (what) => {
    if (what.target.dataset.row) describe(what.target);
  });
}
heat.addEventListener("keydown", (event) => {
  if (!steps[event.key] || !event.target.dataset.row) return;
  event.preventDefault();
  move(event.target, ...steps[event.key]);
});
