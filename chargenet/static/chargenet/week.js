// Painting a week of prices: with the pointer, or with the arrow keys and a level's letter. The
// form's hidden fields hold the week; without this file the form below the grid paints the same.
const form = document.querySelector("form[data-week]");
const grid = form?.querySelector("[role=grid]");
let brush = "A";

const write = (cell, letter) => {
  if (cell.dataset.level === letter) return;
  cell.dataset.level = letter;
  cell.textContent = letter;
  const row = cell.closest("tr");
  const letters = [...row.querySelectorAll("td")].map((each) => each.dataset.level).join("");
  form.elements.namedItem(`day_${row.dataset.day}`).value = letters;
  const runs = [...letters.matchAll(/(.)\1*/g)].map(({ 0: run, index }) => {
    const two = (hour) => String(hour).padStart(2, "0");
    return `${two(index)}–${two(index + run.length)} ${run[0]}`;
  });
  form.querySelector(`[data-runs="${row.dataset.day}"]`).textContent = runs.join(", ");
};

const focusOn = (cell) => {
  if (!cell) return;
  grid.querySelector("td[tabindex='0']")?.setAttribute("tabindex", "-1");
  cell.tabIndex = 0;
  cell.focus();
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

if (grid && form.querySelector("[name=paint_level]")) {
  grid.querySelector("tbody td").tabIndex = 0;
  const choose = (letter) => {
    brush = letter;
    for (const each of form.querySelectorAll("[data-brush]")) {
      each.setAttribute("aria-pressed", String(each.dataset.brush === letter));
    }
  };
  form.addEventListener("click", ({ target }) => {
    const chosen = target.closest("[data-brush]");
    if (chosen) choose(chosen.dataset.brush);
  });
  grid.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest("tbody td");
    if (!cell) return;
    event.preventDefault();
    focusOn(cell);
    write(cell, brush);
    const follow = (move) => {
      const under = document.elementFromPoint(move.clientX, move.clientY)?.closest("tbody td");
      if (under && grid.contains(under)) write(under, brush);
    };
    document.addEventListener("pointermove", follow);
    document.addEventListener("pointerup", () => document.removeEventListener("pointermove", follow), { once: true });
  });
  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest("tbody td");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const letter = event.key.toUpperCase();
    if (MOVES.includes(event.key)) {
      const next = neighbour(cell, event.key);
      if (event.shiftKey && next) write(next, cell.dataset.level);
      focusOn(next);
    } else if (event.key === " " || event.key === "Enter") write(cell, brush);
    else if (form.querySelector(`[data-brush="${CSS.escape(letter)}"]`)) {
      choose(letter);
      write(cell, letter);
    } else return;
    event.preventDefault();
  });
}
