// The arrival desk: check-ins are kept on this device and sent until each is answered.
const desk = document.querySelector("[data-arrivals]");
const words = { ...desk.dataset };
const store = `passerelle:arrivals:${desk.dataset.arrivals}`;
const token = desk.querySelector("[name=csrfmiddlewaretoken]").value;
const live = desk.querySelector("[data-line]");
const filter = desk.querySelector("[data-filter]");
const place = desk.querySelector("[data-place]");
const RETRY_MS = 15000;
const MOST = 50;
const MARKS = { "kept": "short", "taken": "met", "known": "idle", "refused": "critical" };

const read = () => JSON.parse(localStorage.getItem(store) || "[]");
const write = (rows) => localStorage.setItem(store, JSON.stringify(rows));
const rowOf = (person) => [...desk.querySelectorAll("[data-person]")].find((row) => row.dataset.person === person);
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
const wordOf = (name) => words["word" + name.split("-").map((part) => part[0].toUpperCase() + part.slice(1)).join("")];

function showRow(one) {
  const row = rowOf(one.person);
  if (!row) return;
  const mark = row.querySelector("[data-mark]");
  mark.className = `state state-${MARKS[one.state]}`;
  mark.textContent = one.state === "refused" || one.state === "known" ? one.words : wordOf(one.state);
  if (one.state === "taken" || one.state === "kept") {
    const presence = row.querySelector("[data-presence]");
    const now = { "arrive": "here", "depart": "departed", "no-show": "absent" }[one.what];
    presence.textContent = wordOf(now);
    row.dataset.state = now;
  }
}

function showLine() {
  const waiting = read().filter((one) => one.state === "kept").length;
  const conflicts = read().filter((one) => one.state === "refused").length;
  const text = waiting
    ? `${navigator.onLine ? words.wordSending : words.wordOffline} ${waiting}`
    : navigator.onLine ? words.wordOnline : words.wordQuiet;
  const full = conflicts ? `${text} · ${words.wordConflicts} ${conflicts}` : text;
  if (live.textContent !== full) live.textContent = full;
  live.className = `state state-${conflicts ? "critical" : waiting ? "short" : "met"}`;
}

function record(person, what) {
  const at = new Date().toISOString().slice(0, 19) + "Z";
  const one = { key: newKey(), person, what, at, place: place.value, state: "kept" };
  write([...read().filter((old) => !(old.person === person && old.state !== "kept")), one]);
  showRow(one);
  showLine();
  send();
}

let isSending = false;
async function send() {
  const waiting = read().filter((one) => one.state === "kept").slice(0, MOST);
  if (isSending || !waiting.length) return;
  isSending = true;
  let isMore = false;
  try {
    const answer = await fetch(words.sendTo, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ check_ins: waiting.map(({ key, person, what, at, place }) => ({ key, person, what, at, place })) }),
    });
    if (answer.ok) {
      const found = Object.fromEntries((await answer.json()).answers.map((one) => [one.key, one]));
      write(read().map((one) => found[one.key] ? { ...one, state: found[one.key].outcome, words: found[one.key].words } : one));
      read().forEach(showRow);
      isMore = read().some((one) => one.state === "kept");
      desk.querySelector("[data-sign-in]").hidden = true;
    } else if (answer.type === "opaqueredirect" || answer.status === 403) {
      // The session ended: what is kept stays; after signing in it is sent.
      desk.querySelector("[data-sign-in]").hidden = false;
    }
  } catch {
    // No line: kept until the next try.
  } finally {
    isSending = false;
    showLine();
    if (isMore) send();
  }
}

function narrow() {
  const wanted = filter.value.trim().toLowerCase();
  for (const row of desk.querySelectorAll("[data-person]")) {
    row.hidden = Boolean(wanted) && !row.dataset.find.toLowerCase().includes(wanted);
  }
}

desk.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-deed]");
  if (!form) return;
  event.preventDefault();
  record(form.closest("[data-person]").dataset.person, form.dataset.deed);
});
filter.addEventListener("input", narrow);
filter.addEventListener("keydown", (event) => {
  const shown = [...desk.querySelectorAll("[data-person]:not([hidden])")];
  if (event.key === "Enter" && shown.length === 1 && shown[0].dataset.state !== "here") {
    event.preventDefault();
    record(shown[0].dataset.person, "arrive");
    filter.select();
  }
});
desk.querySelector("[data-forget]").addEventListener("click", () => {
  if (read().some((one) => one.state === "kept") && !confirm(words.wordUnsent)) return;
  localStorage.removeItem(store);
  navigator.serviceWorker?.controller?.postMessage({ forget: true });
  live.textContent = words.wordForgotten;
});
addEventListener("online", send);
addEventListener("offline", showLine);
setInterval(send, RETRY_MS);

// What was answered before this page was made stands in the page itself.
write(read().filter((one) => one.state === "kept" || one.state === "refused"));
read().forEach(showRow);
showLine();
send();

if ("serviceWorker" in navigator) {
  await navigator.serviceWorker.register("/arrivals/worker.js", { scope: "/arrivals/" });
  const ready = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType("resource").map((one) => one.name)
    .filter((name) => new URL(name).pathname.startsWith("/static/"));
  ready.active.postMessage({ keep: [location.href.split("#")[0], ...files] });
}
