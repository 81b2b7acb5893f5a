// Progress of a solve: asks for the newest state once a second, pauses on a button and in a hidden tab,
// never moves the focus, and ends by loading the page anew when the work is done.

const box = document.getElementById("live");
if (box?.dataset.live) {
  let paused = false;
  let spoken = 0;

  const wire = () => {
    const button = box.querySelector("[data-pause]");
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(paused));
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
    });
  };

  const fill = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").body;
    const bar = fresh.querySelector("progress");
    const old = box.querySelector("progress");
    if (bar && old) old.value = bar.value;
    const pairs = [["b", "b"], [".note", ".note"]];
    // The sentence is a polite live region: it changes at most every five seconds.
    if (Date.now() - spoken > 5000) {
      pairs.push(["[role=status]", "[role=status]"]);
      spoken = Date.now();
    }
    for (const [from, to] of pairs) {
      const source = fresh.querySelector(from);
      const target = box.querySelector(to);
      if (source && target && target.innerHTML !== source.innerHTML) target.innerHTML = source.innerHTML;
    }
  };

  const ask = async () => {
    if (!paused && !document.hidden) {
      const answer = await fetch(box.dataset.live, { headers: { "HX-Request": "true", "HX-Target": "live" } });
      if (answer.status === 286) {
        location.reload();
        return;
      }
      if (answer.ok) fill(await answer.text());
    }
    window.setTimeout(ask, 1000);
  };
  wire();
  window.setTimeout(ask, 1000);
}
