// What every page does in the browser: ages that stay true, polling with a rhythm, the theme
// button, dialogs, filters that apply themselves. Everything else is HTML from the server.
const words = JSON.parse(document.getElementById("cn-words").textContent);

// --- ages -----------------------------------------------------------------------------------
const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];
const writeAge = (seconds) => {
  if (seconds < 1) return words.now;
  const [size, unit] = UNITS.find(([size]) => seconds >= size);
  const count = Math.floor(seconds / size);
  const name = unit === "d" ? words[count === 1 ? "day" : "days"] : words[unit];
  return words.ago.replace("{}", `${count}\u00a0${name}`);
};
const refreshAges = () => {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-age]")) {
    const seconds = Math.floor((now - Date.parse(element.dateTime)) / 1000);
    const text = writeAge(seconds);
    if (element.textContent !== text) element.textContent = text;
    const limit = Number(element.dataset.staleAfter || 0);
    if (limit) {
      const isStale = seconds > limit;
      element.classList.toggle("is-stale", isStale);
      element.closest("[data-fresh]")?.classList.toggle("is-stale-row", isStale);
    }
  }
};
refreshAges();
setInterval(refreshAges, 1000);

// --- a row of tabs wider than the screen begins at the one that is open --------------------
for (const tab of document.querySelectorAll(".cn-subtabs [aria-current]")) {
  tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
}

// --- polling: every 3 s after activity, 20 times, then once a minute ----------------------------
const QUICK_MS = 3000;
const SLOW_MS = 60000;
const QUICK_TIMES = 20;
let quickLeft = QUICK_TIMES;
let timer;
const schedule = () => {
  clearTimeout(timer);
  timer = setTimeout(tick, quickLeft > 0 ? QUICK_MS : SLOW_MS);
};
const tick = () => {
  quickLeft = Math.max(0, quickLeft - 1);
  document.body.dispatchEvent(new CustomEvent("tick"));
  schedule();
};
const wake = () => {
  const wasSlow = quickLeft === 0;
  quickLeft = QUICK_TIMES;
  if (wasSlow) tick();
};
for (const event of ["pointerdown", "keydown", "scroll", "focus"]) {
  addEventListener(event, wake, { passive: true });
}
document.addEventListener("visibilitychange", () => document.hidden || wake());
if (document.querySelector("[hx-trigger*='tick'], [data-live]")) schedule();

// A fragment that says the same as before is not swapped: focus and selection stay.
const lastText = new WeakMap();
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse } = event.detail;
  if (lastText.get(target) === serverResponse) event.detail.shouldSwap = false;
  lastText.set(target, serverResponse);
});
document.body.addEventListener("htmx:afterSettle", refreshAges);
const setReach = (isReached) => {
  for (const note of document.querySelectorAll("[data-out-of-reach]")) note.hidden = isReached;
};
document.body.addEventListener("htmx:sendError", () => setReach(false));
document.body.addEventListener("htmx:responseError", () => setReach(false));
document.body.addEventListener("htmx:afterOnLoad", () => setReach(true));

// --- theme --------------------------------------------------------------------------------------
const nameThemeButtons = () => {
  const isDark = document.documentElement.dataset.bsTheme === "dark";
  for (const button of document.querySelectorAll("[data-theme-button]")) {
    const name = isDark ? words.light : words.dark;
    button.setAttribute("aria-label", name);
    button.title = name;
    button.querySelector("[data-sun]").toggleAttribute("hidden", !isDark);
    button.querySelector("[data-moon]").toggleAttribute("hidden", isDark);
  }
};
nameThemeButtons();
document.addEventListener("themechange", nameThemeButtons);

// --- one listener for every click ---------------------------------------------------------------
document.addEventListener("click", (event) => {
  const themeButton = event.target.closest("[data-theme-button]");
  if (themeButton) {
    window.chooseTheme(document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
  }
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();
});

// --- forms ----------------------------------------------------------------------------------------
// What belongs to one choice shows only with it; where no script runs, all of it shows.
function showChosen(chooser) {
  for (const part of chooser.form.querySelectorAll("[data-when]")) {
    part.hidden = part.dataset.when !== chooser.value;
    if (part.matches("details")) part.open = !part.hidden;
  }
}
document.querySelectorAll("[data-chooser]").forEach(showChosen);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-chooser]")) showChosen(event.target);
  if (event.target.closest("form[data-auto]") && event.target.matches("select")) {
    event.target.form.requestSubmit();
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.method === "get") {
    // An address without empty parameters can be read and sent to somebody.
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
    return;
  }
  if (event.target.method !== "post") return;
  for (const button of event.target.querySelectorAll("button[type=submit], button:not([type])")) {
    // After the browser has read the form, so that a named button is still sent.
    setTimeout(() => (button.disabled = true));
    setTimeout(() => (button.disabled = false), 8000);
  }
});
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[method=get] :disabled")) field.disabled = false;
});

// "/" goes to the search field, as everywhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("input[type=search]");
  if (search) {
    event.preventDefault();
    search.focus();
  }
});
