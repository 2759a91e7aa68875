// Painting a week of prices: with the pointer, or with the arrow keys and a level's letter. The
// form's hidden fields hold the week; without this file the form below the grid paints the same.
const form = document.querySelector("form[data-week]");
const grid = form?.querySelector("[role=grid]");
const unsaved = form?.querySelector("[data-unsaved]");
let brush = "A";
let isChanged = false;

const changed = () => {
  isChanged = true;
  if (unsaved) unsaved.hidden = false;
};

const hours = (letter) => grid.querySelectorAll(`tbody td[data-level="${letter}"]`).length;

const tell = (row) => {
  const letters = [...row.querySelectorAll("td")].map((each) => each.dataset.level).join("");
  form.elements.namedItem(`day_${row.dataset.day}`).value = letters;
  const runs = [...letters.matchAll(/(.)\1*/g)].map(({ 0: run, index }) => {
    const two = (hour) => String(hour).padStart(2, "0");
    return `${two(index)}–${two(index + run.length)} ${run[0]}`;
  });
  form.querySelector(`[data-runs="${row.dataset.day}"]`).textContent = runs.join(", ");
};

const write = (cells, letter) => {
  const rows = new Set();
  for (const cell of cells) {
    if (cell.dataset.level === letter) continue;
    cell.dataset.level = letter;
    cell.textContent = letter;
    rows.add(cell.closest("tr"));
  }
  if (!rows.size) return;
  rows.forEach(tell);
  for (const each of form.querySelectorAll("[data-hours]")) each.textContent = hours(each.dataset.hours);
  changed();
};

const focusOn = (cell) => {
  if (!cell) return;
  grid.querySelector("td[tabindex='0']")?.setAttribute("tabindex", "-1");
  cell.tabIndex = 0;
  cell.focus({ preventScroll: true });
};

const neighbour = (cell, key) => {
  const row = cell.closest("tr");
  const at = cell.cellIndex;
  if (key === "ArrowRight") return cell.nextElementSibling;
  if (key === "ArrowLeft") return at > 1 ? cell.previousElementSibling : null;
  if (key === "Home") return row.cells[1];
  if (key === "End") return row.cells[row.cells.length - 1];
  return (key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling)?.cells[at];
};
const MOVES = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End"];

// Every cell of the rectangle between two: a fast pointer skips some, and a block is meant.
const between = (one, other) => {
  const rows = [...grid.tBodies[0].rows];
  const [a, b] = [one, other].map((cell) => rows.indexOf(cell.closest("tr")));
  const [left, right] = [one.cellIndex, other.cellIndex].sort((x, y) => x - y);
  return rows
    .slice(Math.min(a, b), Math.max(a, b) + 1)
    .flatMap((row) => [...row.cells].slice(left, right + 1));
};

const choose = (letter) => {
  brush = letter;
  for (const each of form.querySelectorAll("[data-brush]")) {
    each.setAttribute("aria-pressed", String(each.dataset.brush === letter));
  }
};

const draw = (event) => {
  const head = event.target.closest("th");
  if (head?.dataset.hour) {
    const rows = [...grid.tBodies[0].rows];
    write(rows.map((row) => row.cells[Number(head.dataset.hour) + 1]), brush);
    return;
  }
  if (head?.closest("tbody")) write([...head.closest("tr").cells].slice(1), brush);
  const cell = event.target.closest("tbody td");
  if (!cell) return;
  event.preventDefault();
  focusOn(cell);
  // The block follows the pointer, and gives back what it no longer covers.
  const before = new Map([...grid.querySelectorAll("tbody td")].map((each) => [each, each.dataset.level]));
  write([cell], brush);
  const follow = (move) => {
    const under = document.elementFromPoint(move.clientX, move.clientY)?.closest("tbody td");
    if (!under || !grid.contains(under)) return;
    const block = new Set(between(cell, under));
    for (const [each, letter] of before) if (!block.has(each)) write([each], letter);
    write(block, brush);
  };
  document.addEventListener("pointermove", follow);
  const end = () => document.removeEventListener("pointermove", follow);
  document.addEventListener("pointerup", end, { once: true });
  document.addEventListener("pointercancel", end, { once: true });
};

const press = (event) => {
  const cell = event.target.closest("tbody td");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const letter = event.key.toUpperCase();
  if (MOVES.includes(event.key)) {
    const next = neighbour(cell, event.key);
    if (event.shiftKey && next) write([next], cell.dataset.level);
    focusOn(next);
  } else if (event.key === " " || event.key === "Enter") write([cell], brush);
  else if (form.querySelector(`[data-brush="${CSS.escape(letter)}"]`)) {
    choose(letter);
    write([cell], letter);
  } else return;
  event.preventDefault();
};

// The list paints here too, where there is a grid to show it at once.
const paintList = (event) => {
  event.preventDefault();
  const value = (name) => form.elements.namedItem(name).value;
  const [start, end] = [Number(value("paint_from")), Number(value("paint_to"))];
  if (start === end) return;
  const holds = (hour) => (start < end ? hour >= start && hour < end : hour >= start || hour < end);
  const days = new Set([...form.querySelectorAll("[name=paint_day]:checked")].map((each) => each.value));
  const rows = [...grid.tBodies[0].rows].filter((row) => days.has(row.dataset.day));
  write(rows.flatMap((row) => [...row.cells].slice(1).filter((_cell, hour) => holds(hour))), value("paint_level"));
};

if (grid && form.querySelector("[data-paint]")) {
  grid.querySelector("tbody td").tabIndex = 0;
  form.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-brush]");
    if (chosen) choose(chosen.dataset.brush);
    if (event.target.closest("[data-paint]")) paintList(event);
  });
  form.addEventListener("input", ({ target }) => {
    if (target.name?.startsWith("paint_")) return;
    changed();
    const price = form.querySelector(`[data-price="${CSS.escape(target.name?.slice(-1) ?? "")}"]`);
    if (price && /^(level|minute)_/.test(target.name)) price.textContent = target.value || "–";
  });
  grid.addEventListener("pointerdown", draw);
  grid.addEventListener("keydown", press);
  form.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
}
