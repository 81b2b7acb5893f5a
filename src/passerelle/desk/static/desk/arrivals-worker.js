// Keeps the page of the arrival desk and its files, so that it opens while the line is down.
// Scope: /arrivals/ only. Pages come from the network first; files with a hash in their name from here.
const CACHE = "arrivals-1";
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const isPage = (url) => /^\/arrivals\/[0-9a-f]{32}$/.test(url.pathname);
const isFile = (url) => url.pathname.startsWith("/static/");
const isKept = (answer) => answer.ok && !answer.redirected && answer.type === "basic";

async function keep(request, answer) {
  const cache = await caches.open(CACHE);
  await cache.put(request, answer);
}

async function fromNetworkFirst(request) {
  const patience = new Promise((_, reject) => setTimeout(() => reject(new Error("slow")), PATIENCE_MS));
  try {
    const answer = await Promise.race([fetch(request), patience]);
    if (isKept(answer)) await keep(request, answer.clone());
    else if ([403, 404, 409].includes(answer.status)) await (await caches.open(CACHE)).delete(request);
    return answer;
  } catch {
    return (await caches.match(request, { ignoreVary: true })) || Response.error();
  }
}

async function fromHereFirst(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (isKept(answer)) await keep(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (isPage(url)) event.respondWith(fromNetworkFirst(event.request));
  else if (isFile(url)) event.respondWith(fromHereFirst(event.request));
});

self.addEventListener("message", (event) => {
  if (event.data.forget) event.waitUntil(caches.delete(CACHE));
  if (event.data.keep) {
    event.waitUntil(caches.open(CACHE).then((cache) =>
      Promise.allSettled(event.data.keep.map(async (address) => {
        const answer = await fetch(address, { credentials: "same-origin" });
        if (isKept(answer)) await cache.put(address, answer);
      }))));
  }
});
