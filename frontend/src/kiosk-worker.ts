// Keeps the kiosk's page on the device: from the network while there is one, else as it was when it was last kept. The
// server puts the names KEPT and NAME before it, which change with the survey.
export {};

declare const KEPT: string[];
declare const NAME: string;

interface Lasting extends Event {
  waitUntil: (work: Promise<unknown>) => void;
}
interface Fetching extends Event {
  request: Request;
  respondWith: (answer: Promise<Response>) => void;
}
interface Worker {
  addEventListener: (name: string, work: (event: never) => void) => void;
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
}

const worker = self as unknown as Worker;
const SECONDS_MS = 4000;

async function keep(): Promise<void> {
  const cache = await caches.open(NAME);
  await cache.addAll(KEPT.map((path) => new Request(path, { cache: "reload", credentials: "omit" })));
  await worker.skipWaiting();
}

async function clean(): Promise<void> {
  const ours = NAME.slice(0, NAME.lastIndexOf("-") + 1);
  const old = (await caches.keys()).filter((name) => name.startsWith(ours) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const language = url.searchParams.get("lang");
  const cache = await caches.open(NAME);
  const kept = async () =>
    (await cache.match(url.pathname + (language ? `?lang=${language}` : ""))) ?? (await cache.match(KEPT[0])) ?? Response.error();
  try {
    const fresh = await fetch(request.url, { signal: AbortSignal.timeout(SECONDS_MS), credentials: "omit" });
    return fresh.status >= 500 || fresh.status === 429 ? await kept() : fresh;
  } catch {
    return kept();
  }
}

async function asset(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

worker.addEventListener("install", (event: Lasting) => event.waitUntil(keep()));
worker.addEventListener("activate", (event: Lasting) => event.waitUntil(clean()));
worker.addEventListener("fetch", (event: Fetching) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (KEPT.includes(url.pathname + url.search)) event.respondWith(asset(request));
});
