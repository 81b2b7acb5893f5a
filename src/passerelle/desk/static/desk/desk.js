// Keys, palette, menus and the side panel. Works on what the page already holds; no state of its own.

const root = document.documentElement;
const keysOn = () => root.dataset.keys !== "off";
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

// --- Dialogs -------------------------------------------------------------------------------------
const open = (id) => {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("desk:opened"));
};

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) open(opener.dataset.open);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || opener) menu.open = false;
  }
  if (event.target.matches("dialog")) event.target.close();
});

// --- Side panel: links marked for it load into it; the address follows -----------------------------
const load = (url, push) => {
  const panel = document.getElementById("panel");
  return window.htmx.ajax("GET", url, { target: panel, swap: "innerHTML", source: panel }).then(() => {
    if (push) history.pushState({ panel: true }, "", url);
    mark();
  });
};

const mark = () => {
  const cell = new URLSearchParams(location.search).get("at");
  for (const link of document.querySelectorAll("[data-panel-links] a[aria-current]")) link.removeAttribute("aria-current");
  if (!cell) return;
  const wanted = document.querySelector(`[data-panel-links] a[data-at="${CSS.escape(cell)}"]`);
  if (wanted) wanted.setAttribute("aria-current", "true");
};

const closePanel = () => {
  const panel = document.getElementById("panel");
  if (!panel || !panel.innerHTML.trim()) return false;
  const back = document.querySelector("[data-panel-links] a[aria-current]");
  panel.replaceChildren();
  const url = new URL(location.href);
  for (const name of ["at", "ask", "to_site", "to_capability"]) url.searchParams.delete(name);
  history.pushState({ panel: true }, "", url);
  mark();
  if (back) back.focus();
  return true;
};

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (event.target.closest("[data-close-panel]")) {
    event.preventDefault();
    closePanel();
    return;
  }
  const link = event.target.closest("[data-panel-links] a[data-at], #panel a[data-panel]");
  if (!link || !window.htmx) return;
  event.preventDefault();
  load(link.href, true).then(() => {
    if (event.detail === 0) document.querySelector("#panel h2")?.focus();
  });
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#panel form[data-panel]") || !window.htmx) return;
  event.preventDefault();
  const url = new URL(location.href);
  url.search = new URLSearchParams(new FormData(event.target)).toString();
  load(url.href, true).then(() => document.querySelector("#panel select[name=to_site]")?.focus());
});
window.addEventListener("popstate", () => location.reload());

// --- Keys ----------------------------------------------------------------------------------------
let waiting = 0;
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open("palette");
    return;
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else closePanel();
    return;
  }
  if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") open("keys");
  else if (event.key === "g") {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => (waiting = 0), 1500);
  } else if (waiting) {
    window.clearTimeout(waiting);
    waiting = 0;
    document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
  }
});

// --- Palette -------------------------------------------------------------------------------------
const palette = document.getElementById("palette");
if (palette) {
  const input = palette.querySelector("input");
  const list = document.getElementById("palette-list");
  const none = palette.querySelector("[data-none]");
  let asked = 0;

  const pages = () =>
    [...document.querySelectorAll("[data-go]")].map((link) => ({ words: link.textContent.trim(), url: link.href, kind: "" }));

  const draw = (entries) => {
    list.replaceChildren(
      ...entries.map((entry, index) => {
        const row = document.createElement("div");
        row.role = "option";
        row.id = `palette-${index}`;
        row.dataset.url = entry.url;
        row.setAttribute("aria-selected", String(index === 0));
        for (const text of [entry.words, entry.kind]) {
          const part = document.createElement("span");
          part.textContent = text;
          row.append(part);
        }
        return row;
      }),
    );
    none.hidden = entries.length > 0;
    input.setAttribute("aria-activedescendant", entries.length ? "palette-0" : "");
  };

  const find = async () => {
    const text = input.value.trim().toLocaleLowerCase();
    const turn = ++asked;
    const here = pages().filter((page) => page.words.toLocaleLowerCase().includes(text));
    draw(here);
    if (text.length < 2 || !palette.dataset.source) return;
    const answer = await fetch(`${palette.dataset.source}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
    if (answer.ok && turn === asked) draw([...here, ...(await answer.json()).found]);
  };

  const choose = (step) => {
    const rows = [...list.children];
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = (now + step + rows.length) % rows.length;
    rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === next)));
    rows[next].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", rows[next].id);
  };

  palette.addEventListener("desk:opened", () => {
    input.value = "";
    find();
    input.focus();
  });
  input.addEventListener("input", find);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(1);
    else if (event.key === "ArrowUp") choose(-1);
    else if (event.key === "Enter") list.querySelector('[aria-selected="true"]')?.click();
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-url]");
    if (row) location.assign(row.dataset.url);
  });
}

// --- Filters apply by themselves; without scripts their button does it -------------------------------
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
});
for (const button of document.querySelectorAll("form[data-auto] [data-plain]")) button.hidden = true;
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
mark();
