// The respondent's page works without this script. It adds: one question at a time on phones, figures that choose on a
// scale, what was typed kept on the device until it is sent, and what a page tells the site that shows it in a frame.
const form = document.querySelector<HTMLFormElement>("#answers");
const words = document.querySelector<HTMLTemplateElement>("#words")?.content;
const framed = document.documentElement.classList.contains("framed") && parent !== window;
const SENT = "percorso:sent";
const KEPT_DAYS = 7;
const NARROW = "(max-width: 40em)";
type Typed = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function word(name: string, places: Record<string, number> = {}): string {
  const text = words?.querySelector(`[data-${name}]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (_, place: string) => String(places[place]));
}

// The content policy lets only the survey's own sites show this page, so only they can hear it.
function tell(what: Record<string, unknown>): void {
  const origin = (location as Location & { ancestorOrigins?: DOMStringList }).ancestorOrigins?.[0] ?? "*";
  parent.postMessage({ percorso: "survey", ...what }, origin);
}

function tellHeight(): void {
  const height = () => tell({ height: Math.ceil(document.body.getBoundingClientRect().height) });
  new ResizeObserver(height).observe(document.body);
  height();
  if (document.querySelector("[data-over]")) tell({ done: true });
  addEventListener("keydown", (event) => event.key === "Escape" && tell({ close: true }));
}

// The widget's frame has the theme in its name, which stays from page to page; no other way leads into a foreign frame.
function follow(frame: string): void {
  const theme = /^percorso-(light|dark)$/.exec(frame)?.[1];
  if (theme) document.documentElement.style.colorScheme = theme;
}

// localStorage refuses in some frames and private windows; then nothing is kept, and nothing else changes.
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function forgetSent(here: string | undefined): void {
  const sent = sessionStorage.getItem(SENT);
  if (sent && sent !== here) localStorage.removeItem(sent);
  sessionStorage.removeItem(SENT);
}

function fields(within: HTMLFormElement): Typed[] {
  return [...within.elements].filter(
    (field): field is Typed =>
      field.matches(".question input:not([type=hidden], [type=file]), .question textarea, .question select"),
  );
}

function ticks(field: Typed): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox");
}

function typed(within: HTMLFormElement): [string, string][] {
  const given = fields(within).filter((field) => (ticks(field) ? field.checked : field.value !== ""));
  return given.map((field) => [field.name, field.value]);
}

function fill(within: HTMLFormElement, values: [string, string][]): void {
  for (const field of fields(within)) {
    const own = values.filter(([name]) => name === field.name);
    if (ticks(field)) field.checked = own.some(([, value]) => value === field.value);
    else if (own[0]) field.value = own[0][1];
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function keepDraft(within: HTMLFormElement, name: string): void {
  const before = JSON.stringify(typed(within));
  const kept = JSON.parse(localStorage.getItem(name) ?? "null") as { at: number; values: [string, string][] } | null;
  const shown = document.querySelector(".notice") !== null;
  if (kept && Date.now() - kept.at < KEPT_DAYS * 86_400_000 && before === "[]" && !shown) {
    fill(within, kept.values);
    offerAfresh(within, name);
  }
  within.addEventListener("input", () =>
    attempt(() => localStorage.setItem(name, JSON.stringify({ at: Date.now(), values: typed(within) }))),
  );
  within.addEventListener("submit", () => attempt(() => sessionStorage.setItem(SENT, name)));
}

function offerAfresh(within: HTMLFormElement, name: string): void {
  const told = words?.querySelector("[data-kept]")?.cloneNode(true) as HTMLElement | undefined;
  if (!told) return;
  told.className = "notice";
  told.setAttribute("role", "status");
  told.querySelector("button")?.addEventListener("click", () => {
    localStorage.removeItem(name);
    fill(within, []);
    for (const field of fields(within)) if (!ticks(field)) field.value = "";
    told.remove();
    fields(within)[0]?.focus();
  });
  within.before(told);
}

// Figures choose on the scale that has the focus, and only there; 1 and 0 soon after each other are 10.
function figures(within: HTMLFormElement): void {
  let before = "";
  let at = 0;
  within.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || field.type !== "radio" || !/^\d$/.test(event.key)) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const group = [...within.querySelectorAll<HTMLInputElement>(`input[name="${CSS.escape(field.name)}"]`)];
    const typed = event.timeStamp - at < 800 ? before + event.key : event.key;
    const found = group.find((one) => one.value === typed) ?? group.find((one) => one.value === event.key);
    [before, at] = [event.key, event.timeStamp];
    if (!found) return;
    event.preventDefault();
    found.focus();
    found.click();
  });
}

// A statement is read together with the question after it.
function groups(within: HTMLFormElement): HTMLElement[][] {
  const made: HTMLElement[][] = [[]];
  for (const question of within.querySelectorAll<HTMLElement>(".question")) {
    made[made.length - 1].push(question);
    if (question.querySelector("input, textarea, select")) made.push([]);
  }
  const rest = made.pop() ?? [];
  if (made.length) made[made.length - 1].push(...rest);
  return made.length ? made : [rest];
}

class OneAtATime {
  private readonly groups: HTMLElement[][];
  private readonly place = document.createElement("p");
  private readonly narrow = matchMedia(NARROW);
  private readonly back = document.createElement("button");
  private readonly send: HTMLElement | null;
  private readonly label: string;
  private at: number;

  constructor(private readonly form: HTMLFormElement) {
    this.groups = groups(form);
    this.at = Math.max(0, this.groups.findIndex((group) => group.some((question) => question.matches(".wrong"))));
    this.send = form.querySelector(".buttons .button");
    this.label = this.send?.textContent ?? "";
    this.place.className = "place";
    this.groups[0]?.[0]?.before(this.place);
    this.back.type = "button";
    this.back.className = "button plain";
    this.back.textContent = word("back");
    this.back.addEventListener("click", () => this.move(-1));
    this.send?.after(this.back);
    form.addEventListener("submit", (event) => this.sent(event));
    this.narrow.addEventListener("change", () => this.show());
    this.show();
  }

  // The page is sent after its last question; the ways back and to another language send it at once.
  private sent(event: SubmitEvent): void {
    if (!this.narrow.matches || event.submitter?.getAttribute("name") || !this.groups[this.at + 1]) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.move(1);
  }

  private move(by: number): void {
    this.at += by;
    this.show();
    scrollTo(0, 0);
    this.groups[this.at]?.[0]?.focus({ preventScroll: true });
  }

  private show(): void {
    const narrow = this.narrow.matches;
    this.groups.forEach((group, at) => group.forEach((question) => (question.hidden = narrow && at !== this.at)));
    this.place.hidden = !narrow;
    this.place.textContent = word("place", { number: this.at + 1, count: this.groups.length });
    this.back.hidden = !narrow || this.at === 0;
    // One way back at a time: to the question before, or from the first one to the page before.
    const page = this.form.querySelector<HTMLElement>("[name=_go]");
    if (page) page.hidden = narrow && this.at > 0;
    if (this.send) this.send.textContent = narrow && this.groups[this.at + 1] ? word("next") : this.label;
  }
}

if (parent !== window) follow(window.name);
attempt(() => forgetSent(form?.dataset.draft));
if (form?.hasAttribute("action")) {
  // Before drafts: a page that only turns to its next question is not sent.
  if (form.dataset.oneAtATime !== undefined) new OneAtATime(form);
  const draft = form.dataset.draft;
  // On another site nobody was asked whether anything may be kept on the device.
  if (draft && !framed) attempt(() => keepDraft(form, draft));
}
if (form) figures(form);
const wrong = document.querySelector(".question.wrong");
wrong?.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select")?.focus();
if (framed) tellHeight();
