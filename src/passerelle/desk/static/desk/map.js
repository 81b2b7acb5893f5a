// The map draws what the list beside it says: same sites, same part of time, same selection.
// Outlines come from static files; nothing is asked from another host.

const L = window.L;
const box = document.getElementById("map");
const facts = JSON.parse(document.getElementById("map-facts").textContent);

const unpack = (outline) =>
  outline.arcs.map((numbers) => {
    const points = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < numbers.length; i += 2) {
      x += numbers[i];
      y += numbers[i + 1];
      points.push([y / outline.scale, x / outline.scale]);
    }
    return points;
  });

// A border shared by two areas is drawn once. A disputed one is dashed, plain or left out: a setting.
const draw = async (map, url, look, disputed) => {
  const answer = await fetch(url);
  if (!answer.ok) return;
  const outline = await answer.json();
  const arcs = unpack(outline);
  const owners = arcs.map(() => new Set());
  const land = [];
  for (const [code, rings] of Object.entries(outline.areas)) {
    for (const ring of rings) {
      const points = [];
      for (const index of ring) {
        owners[index < 0 ? ~index : index].add(code);
        const arc = index < 0 ? [...arcs[~index]].reverse() : arcs[index];
        points.push(...(points.length ? arc.slice(1) : arc));
      }
      land.push([points]);
    }
  }
  const colour = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  if (look.fill) L.polygon(land, { stroke: false, fillColor: colour("--surface"), fillOpacity: 1, interactive: false }).addTo(map);
  const plain = [];
  const dashed = [];
  arcs.forEach((arc, index) => {
    const pair = [...owners[index]].sort().join("|");
    if (!disputed.pairs.includes(pair)) plain.push(arc);
    else if (disputed.look === "dashed") dashed.push(arc);
    else if (disputed.look === "plain") plain.push(arc);
  });
  const line = { color: colour(look.line), weight: look.weight, interactive: false, fill: false };
  L.polyline(plain, line).addTo(map);
  L.polyline(dashed, { ...line, dashArray: "4 4" }).addTo(map);
};

const start = async () => {
  const map = L.map(box, {
    attributionControl: false,
    zoomControl: false,
    preferCanvas: true,
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    minZoom: 2,
    maxZoom: 15,
    zoomSnap: 0.5,
  });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  const points = facts.sites.map((site) => [site.lat, site.lon]);
  const near = facts.sites.filter((site) => site.near).map((site) => [site.lat, site.lon]);
  map.fitBounds(L.latLngBounds(near.length ? near : points).pad(0.12), { animate: false });
  await draw(map, box.dataset.world, { fill: true, line: "--edge", weight: 1 }, { pairs: facts.disputed, look: box.dataset.disputed });
  if (box.dataset.inner) await draw(map, box.dataset.inner, { fill: false, line: "--rule", weight: 1 }, { pairs: [], look: "" });

  const slider = document.getElementById("map-time");
  const rows = new Map([...document.querySelectorAll("[data-site]")].map((row) => [row.dataset.site, row]));
  const markers = new Map();
  const size = (need) => Math.round(Math.min(46, 14 + Math.sqrt(need) * 1.1));

  const show = (index) => {
    const part = facts.parts[index];
    slider.setAttribute("aria-valuetext", part.words);
    document.getElementById("map-when").textContent = part.words;
    for (const site of facts.sites) {
      const [step, have, need] = site.parts[index];
      const across = size(need);
      const words = `${site.name}: ${facts.words[step]}, ${have}/${need}`;
      const icon = L.divIcon({ className: "dotted", iconSize: [across, across], html: `<span class="dot dot-${step}">${facts.signs[step]}</span>` });
      if (!markers.has(site.code)) {
        const marker = L.marker([site.lat, site.lon], { icon, alt: words, title: words, keyboard: true, riseOnHover: true });
        marker.on("click keypress", (event) => {
          if (event.type === "keypress" && event.originalEvent.key !== "Enter") return;
          pick(site.code, true);
        });
        marker.addTo(map);
        markers.set(site.code, marker);
      } else {
        markers.get(site.code).setIcon(icon);
      }
      const element = markers.get(site.code).getElement();
      element.setAttribute("aria-label", words);
      element.title = words;
      markers.get(site.code).setZIndexOffset((step === "critical" ? 20000 : step === "short" ? 10000 : 0) - 100 * across);
      const row = rows.get(site.code);
      if (row) {
        const state = row.querySelector("[data-state]");
        state.className = `state state-${step === "none" ? "idle" : step}`;
        state.textContent = facts.words[step];
        row.querySelector("[data-pair]").textContent = need || have ? `${have}/${need}` : "–";
      }
    }
    pick(picked, false);
  };

  let picked = new URLSearchParams(location.search).get("site") ?? "";
  const pick = (code, move) => {
    picked = code;
    for (const [other, marker] of markers) marker.getElement()?.classList.toggle("picked", other === code);
    for (const [other, row] of rows) {
      if (other === code) {
        row.setAttribute("aria-current", "true");
        if (move) row.scrollIntoView({ block: "nearest" });
      } else row.removeAttribute("aria-current");
    }
    if (move && code) {
      remember("site", code);
      if (!map.getBounds().contains(markers.get(code).getLatLng())) map.panTo(markers.get(code).getLatLng(), { animate: false });
    }
  };
  const remember = (name, value) => {
    const url = new URL(location.href);
    url.searchParams.set(name, value);
    history.replaceState(null, "", url);
  };
  document.querySelector("[data-map-list]").addEventListener("click", (event) => {
    const row = event.target.closest("[data-site]");
    if (!row || event.target.closest("a")) return;
    pick(row.dataset.site, true);
  });
  document.querySelector("[data-map-list]").addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-site]");
    if (row) pick(row.dataset.site, false);
  });
  slider.addEventListener("input", () => {
    show(Number(slider.value));
    remember("part", facts.parts[Number(slider.value)].key);
  });
  show(Number(slider.value));
  box.dataset.ready = "true";
};
start();
