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

for (const button of document.querySelectorAll(".sortable thead button")) {
  button.addEventListener("click", () => sortBy(button.closest("th")));
}

// Pairs: those near zero are folded until they are asked for, by the button or by a name.

const filter = document.getElementById("filter");
const unfold = document.getElementById("unfold");

function showPairs() {
  const wanted = filter.value.trim().toLowerCase();
  const folded = unfold && unfold.getAttribute("aria-expanded") === "false" && !wanted;
  let found = 0;
  for (const row of document.getElementById("pairs").tBodies[0].rows) {
    const names = (row.cells[0].textContent + "\n" + row.cells[1].textContent).toLowerCase();
    row.hidden = !names.includes(wanted) || (folded && row.classList.contains("zero"));
    found += !row.hidden;
  }
  document.getElementById("found").textContent = wanted ? found + " pairs" : "";
}

filter.addEventListener("input", showPairs);
if (unfold) {
  const more = unfold.textContent;
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-expanded") === "false";
    unfold.setAttribute("aria-expanded", String(open));
    unfold.textContent = open ? "Fold those near zero" : more;
    showPairs();
  });
}
showPairs();

// Heat map: a line under it says what a cell holds.

const heat = document.getElementById("heat");
const line = document.getElementById("cell");
const titles = Array.from(document.getElementById("pairs").tHead.rows[0].cells, (cell) =>
  cell.textContent.trim());

function pairName(row) {
  return row.cells[0].textContent + " and " + row.cells[1].textContent;
}

function pairFacts(row) {
  const facts = Array.from(row.cells).slice(2).map((fact, i) => {
    const told = fact.className === "refs"
      ? Array.from(fact.children, (link) => link.textContent).join(", ") : fact.textContent;
    return told ? titles[i + 2] + " " + told : "";
  });
  return facts.filter(Boolean).join("; ");
}

function describe(cell) {
  const row = document.getElementById(cell.dataset.row);
  line.textContent = pairName(row) + ": " + pairFacts(row);
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
  if (!event.target.dataset.row) return;
  if (steps[event.key]) {
    event.preventDefault();
    move(event.target, ...steps[event.key]);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.target.click();
  }
});

// Drawings of a pair: a scatter of two numbers, boxes of a number by labels, a mosaic of labels.
// Names and values reach the page as text and attributes only, never as markup.

const stored = document.getElementById("points");
if (stored) makeDrawings(JSON.parse(stored.textContent));

function makeDrawings(data) {
  const box = { left: 74, right: 16, top: 14, bottom: 62, width: 640, height: 420 };
  const dialog = document.getElementById("drawing");
  const canvas = document.getElementById("canvas");
  const ranks = document.getElementById("ranks");
  const phone = window.matchMedia("(max-width: 44rem)");
  let drawn = null;

  function add(tag, attributes, text) {
    const element = document.createElementNS(canvas.namespaceURI, tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    if (text !== undefined) element.textContent = text;
    canvas.append(element);
    return element;
  }

  function cut(name, most) {
    return name.length > most ? name.slice(0, most - 1) + "…" : name;
  }

  function ranked(values) {
    const order = values.map((_, i) => i).sort((one, two) => values[one] - values[two]);
    const ranks = new Array(values.length);
    for (let i = 0; i < order.length;) {
      let end = i;
      while (end < order.length && values[order[end]] === values[order[i]]) end += 1;
      for (let k = i; k < end; k += 1) ranks[order[k]] = (i + end + 1) / 2;
      i = end;
    }
    return ranks;
  }

  // Ends and ticks of an axis, at round values.
  function axisOf(values, isDate, most = 5) {
    let low = Math.min(...values);
    let high = Math.max(...values);
    if (low === high) { low -= 0.5; high += 0.5; }
    const rough = (high - low) / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((one) => one >= rough);
    const ticks = [];
    for (let k = Math.ceil(low / step); k * step <= high; k += 1) ticks.push(k * step);
    const pad = (high - low) / 40;
    const digits = Math.max(0, (step / power === 2.5) - Math.floor(Math.log10(step)));
    const say = (value) => {
      if (isDate) return new Date(value * 86400000).toISOString().slice(0, 10);
      if (Math.abs(value) >= 1e6 || step < 1e-4) return String(Number(value.toPrecision(4)));
      return value.toFixed(digits);
    };
    return { low: low - pad, high: high + pad, ticks, say };
  }

  const across = (share) => box.left + share * (box.width - box.left - box.right);
  const up = (share) => box.height - box.bottom - share * (box.height - box.top - box.bottom);
  const share = (value, axis) => (value - axis.low) / (axis.high - axis.low);

  function axisName(name, vertical, extra) {
    const told = cut(name, Math.min(70, Math.floor((across(1) - across(0)) / 7.5))) + (extra || "");
    const middle = vertical ? (up(0) + up(1)) / 2 : (across(0) + across(1)) / 2;
    if (vertical) {
      add("text", { class: "axis", transform: `translate(16 ${middle}) rotate(-90)` }, cut(told, 48));
    } else {
      add("text", { class: "axis", x: middle, y: box.height - 10 }, told);
    }
  }

  function numberAxis(axis, vertical) {
    for (const tick of axis.ticks) {
      const at = share(tick, axis);
      if (vertical) {
        add("path", { class: "grid", d: `M${across(0)} ${up(at)}H${across(1)}` });
        add("text", { class: "tick end", x: across(0) - 6, y: up(at) + 4 }, axis.say(tick));
      } else {
        add("path", { class: "grid", d: `M${across(at)} ${up(0)}V${up(1)}` });
        add("text", { class: "tick", x: across(at), y: up(0) + 18 }, axis.say(tick));
      }
    }
  }

  // Rows of which both values are there; numbers as ranks where that is asked for.
  function together(one, two) {
    const rows = one.values.map((_, i) => i)
      .filter((i) => one.values[i] !== null && two.values[i] !== null);
    const read = (column) => {
      const values = rows.map((i) => column.values[i]);
      return column.kind !== "label" && ranks.checked ? ranked(values) : values;
    };
    return [read(one), read(two)];
  }

  function scatter(one, two) {
    const [x, y] = together(one, two);
    if (!x.length) return "no row has both values";
    const extra = ranks.checked ? " (rank)" : "";
    const axes = [[one, x], [two, y]].map(([column, values], i) =>
      axisOf(values, column.kind === "date" && !ranks.checked, phone.matches && !i ? 3 : 5));
    numberAxis(axes[0], false);
    numberAxis(axes[1], true);
    x.forEach((value, i) => {
      const at = { cx: across(share(value, axes[0])).toFixed(1), cy: up(share(y[i], axes[1])).toFixed(1) };
      add("circle", { class: "point", r: x.length > 300 ? 2.4 : 3.2, ...at });
    });
    axisName(one.name, false, extra);
    axisName(two.name, true, extra);
    return `${x.length} points`;
  }

  function quantile(sorted, level) {
    const place = level * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  function labelTicks(labels, width) {
    const most = Math.max(3, Math.floor(width * (across(1) - across(0)) / 7));
    labels.forEach((label, k) => {
      add("text", { class: "tick", x: across((k + 0.5) / labels.length), y: up(0) + (k % 2 && labels.length > 6 ? 32 : 18) },
        cut(label, labels.length > 6 ? 2 * most : most));
    });
  }

  function boxes(labelled, numbers) {
    const [codes, values] = together(labelled, numbers);
    if (!codes.length) return "no row has both values";
    const axis = axisOf(values, numbers.kind === "date" && !ranks.checked);
    const width = 1 / labelled.labels.length;
    numberAxis(axis, true);
    labelTicks(labelled.labels, width);
    labelled.labels.forEach((label, k) => {
      const own = values.filter((_, i) => codes[i] === k);
      own.forEach((value, i) => {
        // spread evenly and alike each time
        const aside = ((i * 0.618034) % 1) - 0.5;
        const at = { cx: across((k + 0.5 + 0.5 * aside) * width).toFixed(1), cy: up(share(value, axis)).toFixed(1) };
        add("circle", { class: "point soft", r: 2, ...at });
      });
      if (own.length < 5) return;
      own.sort((one, two) => one - two);
      const [low, first, middle, third, high] = [0.05, 0.25, 0.5, 0.75, 0.95]
        .map((level) => up(share(quantile(own, level), axis)));
      const left = across((k + 0.2) * width);
      const right = across((k + 0.8) * width);
      const center = (left + right) / 2;
      add("rect", { class: "box", x: left, width: right - left, y: third, height: Math.max(first - third, 1) });
      add("path", { class: "whisker", d: `M${center} ${low}V${first}M${center} ${third}V${high}M${left} ${middle}H${right}` });
    });
    axisName(labelled.name, false);
    axisName(numbers.name, true, ranks.checked ? " (rank)" : "");
    return `${codes.length} points; box: the middle half; line: 5% to 95%`;
  }

  function mosaic(one, two) {
    const [x, y] = together(one, two);
    if (!x.length) return "no row has both values";
    const names = phone.matches ? 120 : 150;
    const right = box.width - box.right - names;
    const wide = right - box.left - 3 * (one.labels.length - 1);
    let left = box.left;
    one.labels.forEach((label, k) => {
      const own = y.filter((_, i) => x[i] === k);
      const width = wide * own.length / x.length;
      let top = up(1);
      two.labels.forEach((other, j) => {
        const height = own.length ? (up(0) - up(1)) * own.filter((code) => code === j).length / own.length : 0;
        if (height > 0) {
          const tile = add("rect", { class: `tile c${j}`, x: left, y: top, width, height: Math.max(height - 1, 0.5) });
          tile.append(document.createElementNS(canvas.namespaceURI, "title"));
          tile.firstChild.textContent = `${label}, ${other}: ${own.filter((code) => code === j).length}`;
        }
        top += height;
      });
      if (width > 14) {
        add("text", { class: "tick", x: left + width / 2, y: up(0) + (k % 2 ? 32 : 18) }, cut(label, Math.max(3, Math.floor(width / 4))));
      }
      left += width + 3;
    });
    two.labels.forEach((label, j) => {
      add("rect", { class: `tile c${j}`, x: right + 16, y: up(1) + 26 + 22 * j, width: 12, height: 12 });
      add("text", { class: "tick start", x: right + 34, y: up(1) + 36 + 22 * j }, cut(label, Math.floor((names - 31) / 7)));
    });
    add("text", { class: "tick start", x: right + 16, y: up(1) + 12 }, cut(two.name, Math.floor((names - 10) / 7)));
    add("text", { class: "axis", x: (box.left + right) / 2, y: box.height - 10 }, cut(one.name, Math.floor((right - box.left) / 7.5)));
    return `${x.length} points; a strip is as wide as its label is frequent`;
  }

  function draw() {
    const [one, two] = drawn;
    canvas.replaceChildren();
    // a drawing shrinks with the screen, and its words should not shrink much
    box.width = phone.matches ? 400 : 640;
    canvas.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    const labels = drawn.filter((column) => column.kind === "label").length;
    ranks.disabled = labels === 2;
    let told;
    if (drawn.some((column) => column.kind === "none")) told = "one of the columns cannot be drawn";
    else if (labels === 0) told = scatter(one, two);
    else if (labels === 2) told = mosaic(one, two);
    else told = one.kind === "label" ? boxes(one, two) : boxes(two, one);
    const rows = data.rows < data.of ? `${data.rows} of ${data.of} rows, drawn at random` : `all ${data.of} rows`;
    document.getElementById("drawing-note").textContent = `From ${rows}: ${told}.`;
  }

  function open(row) {
    let numbers = [Number(row.dataset.a), Number(row.dataset.b)];
    // what is asked about goes up
    if (numbers[0] === data.target) numbers = numbers.reverse();
    drawn = numbers.map((number) => data.columns[number]);
    document.getElementById("drawing-title").textContent = pairName(row);
    document.getElementById("drawing-facts").textContent = pairFacts(row);
    draw();
    dialog.showModal();
  }

  for (const button of document.querySelectorAll("button.draw")) {
    button.addEventListener("click", () => open(document.getElementById(button.dataset.row)));
  }
  heat.addEventListener("click", (event) => {
    const row = event.target.dataset.row && document.getElementById(event.target.dataset.row);
    if (row && row.dataset.a) open(row);
  });
  ranks.addEventListener("change", draw);
  document.getElementById("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
