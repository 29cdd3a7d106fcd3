// The editor of surveys: keeps what is written at once, shows the preview, lets questions be dragged into another order.
const WAIT = 600;
// Of the script that is on every page.
let process: (part: Element) => void;
let isTyping: (event: KeyboardEvent) => boolean;

let timer = 0;
let dirty: HTMLFormElement | null = null;
let saving: Promise<void> | null = null;

function say(word: "saving" | "saved" | "failed" | ""): void {
  const place = document.querySelector<HTMLElement>("#editor-saved");
  if (!place) return;
  const words = { saving: place.dataset.wordsSaving, saved: place.dataset.wordsSaved, failed: place.dataset.wordsFailed, "": "" };
  place.textContent = words[word] ?? "";
  place.classList.toggle("editor-saved-failed", word === "failed");
}

/** What the page shows of the draft beside the form becomes as it is now; the form itself stays as somebody writes in it. */
function refresh(page: Document): void {
  for (const fresh of page.querySelectorAll<HTMLElement>("[data-fresh]")) {
    const old = document.getElementById(fresh.id);
    // What has the keyboard, and menus that are open, are not taken away.
    if (!old || old.contains(document.activeElement) || old.querySelector("details[open]")) continue;
    old.replaceWith(document.adoptNode(fresh));
    process(fresh);
  }
  for (const fresh of page.querySelectorAll<HTMLElement>("[data-fresh-attribute]")) {
    const name = fresh.dataset.freshAttribute!;
    if (name) document.getElementById(fresh.id)?.setAttribute(name, fresh.getAttribute(name) ?? "");
  }
  showPreview();
}

/** What was sent is what the page says now: a morph that brings something else then shows it. */
function settle(form: HTMLFormElement, sent: FormData): void {
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || !field.name) continue;
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) field.defaultChecked = field.checked;
    else if (field.name !== "stamp" && field.type !== "file") field.defaultValue = String(sent.get(field.name) ?? field.value);
    const was = field.name.startsWith("x.") && form.elements.namedItem(`was.${field.name.slice(2)}`);
    if (was instanceof HTMLInputElement) was.value = String(sent.get(field.name) ?? "");
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  const sent = new FormData(form);
  say("saving");
  const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
  if (!answer) {
    dirty ??= form;
    say("failed");
    return;
  }
  if (answer.status === 409) {
    // Somebody else has written here: the page says so and shows what was typed.
    say("");
    form.requestSubmit();
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById(form.id)) {
    dirty ??= form;
    say("failed");
    return;
  }
  const said = document.querySelector("#editor-said");
  said?.replaceChildren(...(page.querySelector("#editor-said")?.childNodes ?? []));
  if (!answer.ok) {
    say("");
    return;
  }
  settle(form, sent);
  refresh(page);
  say(dirty ? "" : "saved");
}

/** Send what is waiting; ends when everything has arrived, or cannot. */
async function flush(): Promise<void> {
  clearTimeout(timer);
  timer = 0;
  if (saving) await saving;
  if (!dirty?.isConnected) return;
  const form = dirty;
  dirty = null;
  saving = send(form).finally(() => (saving = null));
  await saving;
}

function changed(event: Event): void {
  const field = event.target as HTMLElement;
  const form = field.closest<HTMLFormElement>("form[data-saves]");
  if (field.matches("textarea[data-grows], .translate textarea")) grow(field as HTMLTextAreaElement);
  if (!form || field.matches("[data-submits]")) return;
  dirty = form;
  if (!saving) say("");
  clearTimeout(timer);
  timer = window.setTimeout(() => void flush(), event.type === "change" ? 0 : WAIT);
}

/** Whatever leaves the page or changes the draft waits until what was typed is kept. */
function hold(event: Event): void {
  if (!dirty && !saving) return;
  const target = event.target as Element;
  const link = event.type === "click" ? target.closest<HTMLAnchorElement>("a[href]:not([target])") : null;
  const form = event.type === "submit" ? (target as HTMLFormElement) : null;
  if ((!link && !form) || !document.querySelector("form[data-saves]")) return;
  // A full submit of the same form brings everything along itself.
  if (form && form === dirty && !saving) {
    clearTimeout(timer);
    dirty = null;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = (event as SubmitEvent).submitter;
  void flush().then(() => {
    if (dirty) return;
    if (link) (link.isConnected ? link : document.querySelector<HTMLAnchorElement>(`a[href="${link.getAttribute("href")}"]`) ?? link).click();
    else if (form?.isConnected) form.requestSubmit(submitter?.isConnected ? submitter : null);
  });
}

function grow(field: HTMLTextAreaElement): void {
  field.classList.remove("grown");
  const lines = Math.max(Number(field.getAttribute("rows") ?? 1), field.value.split("\n").length);
  field.rows = lines;
  while (field.scrollHeight > field.clientHeight + 2 && field.rows < 30) field.rows++;
}

// The preview: a frame made here, so that a new one is ready before the old one goes.
let width = "narrow";
let language = "";
// The address and the question that are shown now.
let shown = "";
let asked = "";

function showPreview(): void {
  const place = document.querySelector<HTMLElement>("#editor-preview");
  if (!place) return;
  place.dataset.width = width;
  for (const button of document.querySelectorAll<HTMLElement>("[data-preview-width]"))
    button.setAttribute("aria-pressed", String(button.dataset.previewWidth === width));
  const address = place.dataset.preview! + (language ? `&lang=${encodeURIComponent(language)}` : "");
  const old = place.querySelectorAll("iframe");
  if (shown === address && old.length > 0) return;
  shown = address;
  const frame = document.createElement("iframe");
  frame.className = "editor-frame";
  frame.title = place.dataset.title!;
  frame.src = address;
  const top = asked === place.dataset.asked ? (old[0]?.contentWindow?.scrollY ?? 0) : -1;
  asked = place.dataset.asked!;
  frame.classList.toggle("editor-frame-coming", old.length > 0);
  frame.addEventListener("load", () => {
    const question = frame.contentDocument?.getElementById(`question-${place.dataset.asked}`);
    const below = question && question.offsetTop + question.offsetHeight > frame.clientHeight;
    frame.contentWindow?.scrollTo(0, top >= 0 ? top : below ? question.offsetTop - 120 : 0);
    frame.classList.remove("editor-frame-coming");
    for (const one of old) one.remove();
  }, { once: true });
  place.append(frame);
}

function choosePreview(event: Event): void {
  const target = event.target as HTMLElement;
  const button = event.type === "click" ? target.closest<HTMLElement>("[data-preview-width]") : null;
  if (button) width = button.dataset.previewWidth!;
  else if (target.matches("[data-preview-language]")) language = (target as HTMLSelectElement).value;
  else return;
  showPreview();
}

function insert(event: Event): void {
  const chip = (event.target as Element).closest<HTMLElement>("[data-recalls]");
  const copies = (event.target as Element).closest<HTMLElement>("[data-copies]");
  if (!chip && !copies) return;
  const field = document.getElementById((chip?.dataset.into ?? copies?.dataset.copies)!) as HTMLTextAreaElement;
  if (chip) field.setRangeText(chip.dataset.recalls!, field.selectionStart, field.selectionEnd, "end");
  else field.value = document.getElementById(`${field.id}-own`)!.innerText;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

// Dragging: the outline is reordered under the pointer, and its order is sent when it is dropped.
let dragged: HTMLElement | null = null;
let before = "";

function order(): string {
  return [...document.querySelectorAll<HTMLElement>("[data-outline] [data-page]")]
    .map((page) => `${page.dataset.page}:${[...page.querySelectorAll<HTMLElement>("[data-question]")].map((q) => q.dataset.question).join(",")}`)
    .join(" ");
}

function begin(event: PointerEvent): void {
  const grip = (event.target as Element).closest<HTMLElement>("[data-outline-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  dragged = grip.closest<HTMLElement>("[data-question], [data-page]")!;
  before = order();
  dragged.classList.add("outline-dragged");
}

function follow(event: PointerEvent): void {
  if (!dragged) return;
  const under = document.elementFromPoint(event.clientX, event.clientY);
  const kind = dragged.dataset.question ? "[data-question]" : "[data-page]";
  const over = under?.closest<HTMLElement>(`[data-outline] ${kind}`);
  if (over && over !== dragged) {
    const box = over.getBoundingClientRect();
    over.parentElement!.insertBefore(dragged, event.clientY > box.top + box.height / 2 ? over.nextSibling : over);
  } else if (!over && dragged.dataset.question) {
    // Over a page's name, or an empty page: into that page.
    const list = under?.closest<HTMLElement>("[data-outline] [data-page]")?.querySelector(".outline-questions");
    if (list && !list.contains(dragged)) list.prepend(dragged);
  }
}

function end(event: PointerEvent): void {
  if (!dragged) return;
  dragged.classList.remove("outline-dragged");
  dragged = null;
  if (event.type === "pointercancel" || order() === before) return;
  const form = document.querySelector<HTMLFormElement>("#outline-order")!;
  (form.elements.namedItem("order") as HTMLInputElement).value = order();
  form.requestSubmit();
}

function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  // Enter in an option begins the next one.
  if (event.key === "Enter" && target.matches(".piece-words")) {
    event.preventDefault();
    target.closest("[data-list]")!.querySelector<HTMLButtonElement>("[data-adds]")!.click();
    return;
  }
  if (!event.altKey || isTyping(event) || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const button = document.querySelector<HTMLButtonElement>(`#part-buttons [data-key="Alt+${event.key}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

let adding = "";

/** What was added has the keyboard: a question's text, an option's words (chosen, so that the next key replaces them). */
function noteAdding(event: Event): void {
  const button = (event.target as Element).closest<HTMLButtonElement>("[data-adds], .outline-type");
  if (button) adding = button.value;
}

function toAdded(): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(".editor-outline details[open]")) menu.open = false;
  if (adding.startsWith("add-question")) document.querySelector<HTMLElement>("textarea[name='t.text']")?.focus();
  const button = [...document.querySelectorAll<HTMLButtonElement>("[data-adds]")].find((one) => one.value === adding);
  const fields = button?.closest("[data-list]")?.querySelectorAll<HTMLInputElement>(".piece-words");
  fields?.[fields.length - 1]?.select();
  adding = "";
}

function look(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-copies][hidden]")) button.hidden = false;
  for (const field of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-grows], .translate textarea")) grow(field);
  if (adding) toAdded();
  showPreview();
}

export function watchEditor(processes: typeof process, tellsTyping: typeof isTyping): void {
  [process, isTyping] = [processes, tellsTyping];
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("click", hold, { capture: true });
  document.addEventListener("submit", hold, { capture: true });
  document.addEventListener("click", noteAdding, { capture: true });
  document.addEventListener("click", choosePreview);
  document.addEventListener("change", choosePreview);
  document.addEventListener("click", insert);
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", pressed);
  document.addEventListener("htmx:after:swap", look);
  addEventListener("beforeunload", (event) => {
    if (dirty?.isConnected) event.preventDefault();
  });
  look();
  // What somebody typed while this script was still on its way.
  const field = document.activeElement;
  if ((field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) && field.value !== field.defaultValue)
    field.dispatchEvent(new Event("input", { bubbles: true }));
}
