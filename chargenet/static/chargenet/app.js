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

// --- news: a socket says that something changed, the page asks for its own live part ------------
// Polling stays behind it: a network that lets no socket through shows the same, a little later.
const TOGETHER_MS = 300;
const RETRY_MS = [1000, 2000, 5000, 15000, 30000];
const SENT_AWAY = 4403;
let nudgeTimer;
let toldAt = 0;
const tellPage = () => {
  toldAt = Date.now();
  nudgeTimer = undefined;
  document.body.dispatchEvent(new CustomEvent("tick"));
};
const nudge = () => {
  nudgeTimer ??= setTimeout(tellPage, Math.max(0, toldAt + TOGETHER_MS - Date.now()));
};
const listen = (address, tries = 0) => {
  const socket = new WebSocket(address);
  let opened = tries;
  socket.addEventListener("message", () => {
    opened = 0; // heard something: who is let in only to be sent away waits longer each time
    nudge();
  });
  socket.addEventListener("close", ({ code }) => {
    if (code === SENT_AWAY) return nudge(); // signed out, or another role: the server says where to go
    setTimeout(() => listen(address, opened + 1), RETRY_MS[Math.min(opened, RETRY_MS.length - 1)]);
  });
};
const socketAt = document.querySelector("[data-socket]")?.dataset.socket;
if (socketAt && document.querySelector("[hx-trigger*='tick'], [data-live]")) {
  listen(new URL(socketAt, location.href.replace(/^http/, "ws")).href);
}

// A fragment that says the same as before is not swapped: focus and selection stay.
const lastText = new WeakMap();
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse } = event.detail;
  if (lastText.get(target) === serverResponse) event.detail.shouldSwap = false;
  lastText.set(target, serverResponse);
  if (new URL(event.detail.xhr.responseURL).pathname.startsWith("/sign-in/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
  opened = [...target.querySelectorAll("details[id][open]")].map((fold) => fold.id);
});
// What somebody unfolded stays so.
let opened = [];
document.body.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});
document.body.addEventListener("htmx:afterSettle", refreshAges);
// What came later may need what its page did not: scripts of our own, once and in their order.
const loadScript = (address) =>
  new Promise((done, fail) => {
    const script = document.createElement("script");
    Object.assign(script, { src: address, onload: done, onerror: fail });
    if (!address.includes("/vendor/")) script.type = "module";
    document.head.append(script);
  });
document.body.addEventListener("htmx:afterSettle", async ({ target }) => {
  const asked = target.querySelector?.("[data-scripts]");
  if (!asked) return;
  const addresses = asked.dataset.scripts.split(" ");
  asked.remove();
  for (const address of addresses) {
    if (!document.querySelector(`script[src="${address}"]`)) await loadScript(address);
  }
});
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
    setTimeout(() => (button.disabled = false), event.target.matches("[data-retry]") ? 1000 : 8000);
  }
});
// A form that may be sent twice is sent until it arrives: below ground, and where the network is poor.
const AGAIN_MS = [1000, 3000, 8000, 20000];
// Refused: what was typed stays, with the reason above it as text.
const tellRefusal = (form, reason) => {
  const told = form.querySelector("[role=alert]") ?? document.createElement("p");
  told.className = "cn-field-error";
  told.setAttribute("role", "alert");
  told.textContent = reason;
  form.prepend(told);
  const dialog = form.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
  told.scrollIntoView({ block: "center" });
  tellPage();
};
const sendUntilThere = async (form, body, tries = 0) => {
  const asked = { method: "POST", body, redirect: "manual", headers: { "HX-Request": "true" } };
  const answer = await fetch(form.getAttribute("action") || location.href, asked).catch(() => null);
  if (!answer || answer.status >= 500) {
    setReach(false);
    const wait = AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)];
    return setTimeout(() => sendUntilThere(form, body, tries + 1), wait);
  }
  setReach(true);
  if ([403, 409, 413].includes(answer.status) && answer.headers.get("content-type")?.startsWith("text/plain")) {
    return tellRefusal(form, await answer.text());
  }
  // Done: what is live shows it. Anything else has a page or a word to show.
  if (answer.status !== 204) return location.reload();
  form.querySelector("[role=alert]")?.remove();
  form.reset();
  const key = form.elements.namedItem("key");
  if (key) key.value = Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
  tellPage();
};
// What takes something from somebody is asked back first; the words are the button's own.
const askFirst = (question, act) => {
  const dialog = document.getElementById("confirm-dialog");
  dialog.querySelector("[data-asked]").textContent = question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && act(), { once: true });
  dialog.showModal();
};
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-retry]");
  if (!form) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const asked = event.submitter?.dataset.confirm;
  if (asked) return askFirst(asked, () => sendUntilThere(form, body));
  form.closest("dialog")?.close();
  sendUntilThere(form, body);
});
// A photo of a telephone is many times what a screen shows: it is made small before it is sent.
const SHRUNK_SIDE = 1600, SHRUNK_FROM_BYTES = 700_000;
const shrink = async (field) => {
  const [file] = field.files;
  if (!file || file.size < SHRUNK_FROM_BYTES) return;
  const whole = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!whole) return; // no picture this browser reads: the server says what it thinks of it
  const scale = Math.min(1, SHRUNK_SIDE / Math.max(whole.width, whole.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(whole.width * scale);
  canvas.height = Math.round(whole.height * scale);
  canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  if (!small || small.size >= file.size || field.files[0] !== file) return;
  const kept = new DataTransfer();
  kept.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
  field.files = kept.files;
};
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file][data-shrink]")) shrink(event.target);
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
