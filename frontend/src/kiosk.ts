// A device that many people use one after another, with or without a network: it shows one page at a time, keeps finished
// answers in IndexedDB before anything else, sends them when it can, and begins again by itself. It knows nobody's name.
import { form, now, one, pages, PLACE, told } from "./kiosk-page";
import { put, retry, send, showWaiting } from "./kiosk-store";
import * as survey from "./kiosk-way";

const AGAIN_MS = 30_000;
const RENEW_MS = 600_000;
const FIRST = "percorso:first-language";
const seconds = (name: string) => Number(told[name]) * 1000;
let here: HTMLElement | undefined;
let started = now();

function show(page: HTMLElement | undefined, focus = true): void {
  here = page;
  for (const other of pages) other.hidden = other !== page;
  const through = survey.through();
  survey.repeat();
  // Another language is another page, which knows nothing of what was answered on this one.
  const languages = document.querySelector<HTMLElement>("#languages");
  if (languages) languages.hidden = through[0] !== page;
  const next = one<HTMLButtonElement>("#next");
  // As on the survey's own page: whether another page follows may depend on what is chosen here.
  next.textContent = pages[pages.length - 1] === page ? next.dataset.send! : next.dataset.next!;
  one("#back").hidden = through[0] === page;
  scrollTo(0, 0);
  if (focus) page?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

async function keep(within: HTMLElement[], page: string): Promise<void> {
  const fields = survey.fieldsOf(within);
  if (!fields) return;
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  await put({ key, page, version: Number(told.version), language: told.language, at: now(), started, fields });
  await showWaiting();
  void send();
}

async function goOn(): Promise<void> {
  if (!here || survey.complain(here)) return;
  const through = survey.through();
  const next = through[through.indexOf(here) + 1];
  if (next) return show(next);
  // It is over for this person, also while it is being kept: pressed again, nothing is sent twice.
  here = undefined;
  await keep(through, "");
  survey.repeat();
  one("#asking").hidden = true;
  one("#thanking").hidden = false;
  one("#thanking h1").focus();
  wait();
}

// Beginning again: after thanks, and when nobody is there any more.

let timer = 0;
let renew = false;

function wait(): void {
  clearTimeout(timer);
  if (one<HTMLDialogElement>("#still").open) return;
  const begun = here !== undefined && (here !== pages[0] || survey.isBegun());
  if (!here) timer = window.setTimeout(restart, seconds("thanks"));
  else if (begun || language() !== told.language) timer = window.setTimeout(warn, seconds("idle"));
}

function warn(): void {
  const dialog = one<HTMLDialogElement>("#still");
  let left = Number(told.warning);
  const tick = () => {
    one("#left").textContent = one("#left").dataset.told!.replace("{seconds}", String(left));
    if (left <= 0) return void leave();
    left -= 1;
    timer = window.setTimeout(tick, 1000);
  };
  dialog.showModal();
  tick();
}

// What was passed by "Next" is kept, as on the survey's own page; what was only begun is not.
async function leave(): Promise<void> {
  clearTimeout(timer);
  one<HTMLDialogElement>("#still").close();
  const through = survey.through();
  const passed = here ? through.slice(0, through.indexOf(here)) : [];
  here = undefined;
  if (passed.length) await keep(passed, passed[passed.length - 1].dataset.page!);
  restart();
}

// The language that the device stands in, while one person reads another.
function language(): string {
  return sessionStorage.getItem(FIRST) ?? told.language;
}

function restart(): void {
  clearTimeout(timer);
  const first = language();
  sessionStorage.removeItem(FIRST);
  if (first !== told.language) return location.replace(address(first));
  if (renew) return location.reload();
  survey.empty();
  started = now();
  one("#thanking").hidden = true;
  one("#asking").hidden = false;
  show(survey.through()[0]);
}

function address(code: string): string {
  const query = new URLSearchParams({ lang: code, ...(PLACE ? { place: PLACE } : {}) });
  return `${told.start}?${query}`;
}

function watchFullScreen(): void {
  const button = one("#full");
  const look = () => (button.hidden = !document.fullscreenEnabled || document.fullscreenElement !== null);
  button.addEventListener("click", () => void document.documentElement.requestFullscreen().catch(() => undefined));
  document.addEventListener("fullscreenchange", look);
  look();
}

async function keepPage(): Promise<void> {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const controlled = workers.controller !== null;
  workers.addEventListener("controllerchange", () => (renew = controlled));
  const made = await workers.register(told.worker, { scope: told.start });
  setInterval(() => void made.update().catch(() => undefined), RENEW_MS);
  // The browser is asked not to throw away what waits.
  await navigator.storage?.persist?.();
}

for (const link of document.querySelectorAll<HTMLAnchorElement>("a.language")) {
  link.href = address(new URL(link.href).searchParams.get("lang")!);
  link.addEventListener("click", () => sessionStorage.setItem(FIRST, language()));
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void goOn();
});
one("#back").addEventListener("click", () => {
  const through = survey.through();
  if (here) show(through[through.indexOf(here) - 1]);
});
one("#again").addEventListener("click", restart);
one("#leave").addEventListener("click", () => void leave());
for (const [what, happened] of [["#stay", "click"], ["#still", "close"]] as const)
  one(what).addEventListener(happened, () => {
    one<HTMLDialogElement>("#still").close();
    wait();
  });
for (const happened of ["pointerdown", "keydown", "input"]) addEventListener(happened, wait);
// The second click of two is not for the next page.
one("#next").addEventListener("click", (event) => event.detail > 1 && event.preventDefault());
one("#retry").addEventListener("click", () => void retry());
// Browsers keep a page that was left as it was, for who goes back to it.
addEventListener("pagehide", () => form.reset());
addEventListener("online", () => void send());
setInterval(() => void send(), AGAIN_MS);
survey.empty();
one("#asking").hidden = false;
show(survey.through()[0], false);
wait();
watchFullScreen();
void send();
void keepPage().catch(() => undefined);
