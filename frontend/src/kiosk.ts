// A device that many people use one after another, with or without a network: it shows one page at a time, keeps finished
// answers in IndexedDB before anything else, sends them when it can, and begins again by itself. It knows nobody's name.
export {};

type Scalar = string | number | boolean;
interface Rule {
  all?: Rule[];
  any?: Rule[];
  not?: Rule;
  question?: string;
  trait?: string;
  is?: Scalar[];
  at_least?: number;
  at_most?: number;
  answered?: boolean;
}
interface Kept {
  key: string;
  version: number;
  language: string;
  at: number;
  started: number;
  fields: string;
  page: string;
  refused?: boolean;
}

const BATCH = 20;
const AGAIN_MS = 30_000;
const RENEW_MS = 600_000;
const FIRST = "percorso:first-language";
const PLACE = new URLSearchParams(location.search).get("place") ?? "";
const one = <T extends HTMLElement>(selector: string): T => document.querySelector<T>(selector)!;
const form = one<HTMLFormElement>("#kiosk");
const pages = [...form.querySelectorAll<HTMLElement>("[data-page]")];
const told = form.dataset as Record<string, string>;
const seconds = (name: string) => Number(told[name]) * 1000;
const now = () => Date.now() / 1000;

// What was finished, until it has arrived.

function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(`percorso-kiosk-${told.key}`, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function stored<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  return new Promise((done, failed) => {
    const transaction = database.transaction("answers", mode, { durability: "strict" });
    const asked = work(transaction.objectStore("answers"));
    transaction.oncomplete = () => {
      database.close();
      done(asked.result);
    };
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

// A browser that refuses to keep anything still sends: until the page is closed, what waits is only here.
let held: Kept[] = [];

async function waiting(): Promise<Kept[]> {
  const kept = await stored<Kept[]>("readonly", (store) => store.getAll()).catch(() => []);
  return [...kept, ...held].sort((one, other) => one.at - other.at);
}

async function put(kept: Kept): Promise<void> {
  held = held.filter((other) => other.key !== kept.key);
  await stored("readwrite", (store) => store.put(kept)).catch(() => held.push(kept));
}

async function drop(key: string): Promise<void> {
  held = held.filter((other) => other.key !== key);
  await stored("readwrite", (store) => store.delete(key)).catch(() => undefined);
}

async function showWaiting(): Promise<void> {
  const all = await waiting();
  const state = one("#waiting");
  const refused = all.filter((kept) => kept.refused).length;
  const say = (text: string, count: number) => (count ? text.replace("{count}", String(count)) : "");
  const text = [say(state.dataset.told!, all.length - refused), say(state.dataset.refused!, refused)];
  state.textContent = text.filter(Boolean).join(" · ");
}

let sending = false;

// Sent one batch after another; what the server has is dropped, what it does not take now stays for later.
async function send(): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (;;) {
      const batch = (await waiting()).filter((kept) => !kept.refused).slice(0, BATCH);
      if (!batch.length) break;
      const answers = batch.map(({ refused: _, ...kept }) => kept);
      const sent = await fetch(told.answers, {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ now: now(), place: PLACE, answers }),
      });
      if (!sent.ok) break;
      const { done } = (await sent.json()) as { done: Record<string, string> };
      for (const kept of batch) {
        if (done[kept.key] === "kept") await drop(kept.key);
        else if (done[kept.key] === "refused") await put({ ...kept, refused: true });
      }
      if (batch.some((kept) => !["kept", "refused"].includes(done[kept.key]))) break;
    }
  } catch {
    // No network: it is tried again soon.
  } finally {
    sending = false;
    await showWaiting();
  }
}

// The way through the survey. The server decides again what counts when the answers arrive.

function values(question: HTMLElement): string[] {
  const id = question.dataset.question!;
  const given = [...new FormData(form)].filter(([name]) => name === id || name.startsWith(`${id}.`));
  const hidden = new Set([...question.querySelectorAll<HTMLInputElement>("input[type=hidden]")].map((field) => field.name));
  return given.filter(([name, value]) => value !== "" && name !== `${id}.other` && !hidden.has(name)).map(([, value]) => String(value));
}

function holds(rule: Rule, answers: Map<string, string[]>): boolean {
  if (rule.all) return rule.all.every((inner) => holds(inner, answers));
  if (rule.any) return rule.any.some((inner) => holds(inner, answers));
  if (rule.not) return !holds(rule.not, answers);
  const given = answers.get(rule.question ?? "") ?? [];
  if (rule.answered !== undefined && rule.answered !== given.length > 0) return false;
  if (rule.is === undefined && rule.at_least === undefined && rule.at_most === undefined) return true;
  if (rule.is && !rule.is.map(String).some((value) => given.includes(value))) return false;
  if (rule.at_least === undefined && rule.at_most === undefined) return true;
  return given.some((value) => Number(value) >= (rule.at_least ?? -Infinity) && Number(value) <= (rule.at_most ?? Infinity));
}

const rule = (part: HTMLElement): Rule | undefined => (part.dataset.rule ? (JSON.parse(part.dataset.rule) as Rule) : undefined);

function asked(page: HTMLElement): HTMLElement[] {
  return [...page.querySelectorAll<HTMLElement>("[data-question]")].filter((question) => !question.hidden);
}

// Pages that are shown, and which of their questions, by the answers of pages before.
function way(): HTMLElement[] {
  const answers = new Map<string, string[]>();
  return pages.filter((page) => {
    const own = rule(page);
    if (own && !holds(own, answers)) return false;
    const questions = [...page.querySelectorAll<HTMLElement>("[data-question]")];
    for (const question of questions) {
      const condition = rule(question);
      question.hidden = condition !== undefined && !holds(condition, answers);
    }
    for (const question of asked(page)) answers.set(question.dataset.question!, values(question));
    return asked(page).length > 0;
  });
}

let here: HTMLElement | undefined;
let started = now();

function show(page: HTMLElement | undefined, focus = true): void {
  here = page;
  for (const other of pages) other.hidden = other !== page;
  const through = way();
  const next = one<HTMLButtonElement>("#next");
  // As on the survey's own page: whether another page follows may depend on what is chosen here.
  next.textContent = pages[pages.length - 1] === page ? next.dataset.send! : next.dataset.next!;
  one("#back").hidden = through[0] === page;
  scrollTo(0, 0);
  if (focus) page?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

function unanswered(question: HTMLElement): boolean {
  if (question.dataset.required === undefined || !question.querySelector("input, textarea, select")) return false;
  const id = question.dataset.question!;
  const fields = [...question.querySelectorAll<HTMLInputElement>("input:not([type=hidden]), textarea, select")];
  const names = new Set(fields.map((field) => field.name).filter((name) => name !== `${id}.other`));
  const data = new FormData(form);
  return [...names].some((name) => !data.get(name));
}

function complain(page: HTMLElement): boolean {
  for (const old of page.querySelectorAll(".q-error")) old.remove();
  const wrong = asked(page).filter(unanswered);
  for (const question of asked(page)) question.classList.toggle("wrong", wrong.includes(question));
  for (const question of wrong) {
    const told = document.createElement("p");
    told.className = "q-error";
    told.setAttribute("role", "alert");
    told.textContent = one<HTMLTemplateElement>("#needed").content.textContent;
    question.append(told);
  }
  wrong[0]?.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select")?.focus();
  return wrong.length > 0;
}

function fields(within: HTMLElement[]): string {
  const ids = within.flatMap(asked).map((question) => question.dataset.question!);
  const given = [...new FormData(form)].filter(([name]) => ids.includes(name.split(".")[0]));
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

async function keep(within: HTMLElement[], page: string): Promise<void> {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const given = { version: Number(told.version), language: told.language, at: now(), started, fields: fields(within) };
  await put({ key, page, ...given });
  await showWaiting();
  void send();
}

async function goOn(): Promise<void> {
  if (!here || complain(here)) return;
  const through = way();
  const next = through[through.indexOf(here) + 1];
  if (next) return show(next);
  await keep(through, "");
  one("#asking").hidden = true;
  one("#thanking").hidden = false;
  one("#thanking h1").focus();
  here = undefined;
  wait();
}

// Beginning again: after thanks, and when nobody is there any more.

let timer = 0;
let renew = false;

function wait(): void {
  clearTimeout(timer);
  if (one<HTMLDialogElement>("#still").open) return;
  const begun = here !== undefined && (here !== pages[0] || pages.some((page) => asked(page).some((q) => values(q).length > 0)));
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
  const through = way();
  const passed = here ? through.slice(0, through.indexOf(here)) : [];
  if (passed.length && fields(passed)) await keep(passed, passed[passed.length - 1].dataset.page!);
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
  form.reset();
  for (const page of pages) for (const old of page.querySelectorAll(".q-error")) old.remove();
  for (const question of form.querySelectorAll(".wrong")) question.classList.remove("wrong");
  started = now();
  one("#thanking").hidden = true;
  one("#asking").hidden = false;
  show(way()[0]);
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
  const through = way();
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
addEventListener("online", () => void send());
setInterval(() => void send(), AGAIN_MS);
one("#asking").hidden = false;
show(way()[0], false);
wait();
watchFullScreen();
void send();
void keepPage().catch(() => undefined);
