// The way through the survey at a kiosk: looked up in what the server worked out beforehand. Nothing is decided here.
import { form, one, pages } from "./kiosk-page";

// Whether a question is shown; or a question, and what follows from each class of its answers.
type Way = boolean | [string, Way[]];
// What can be given to a question: see `Givable` in surveys/sharing/givable.py.
interface Givable {
  signs: Record<string, string>;
  states: Record<string, [answer: number, wrong: number]>;
  least: number;
  repeats: Record<string, string>;
}
interface LookedUp {
  given: Record<string, Givable>;
  ways: Record<string, Way>;
  fields: Record<string, Record<string, string>>;
  words: string[];
}
const known = JSON.parse(one("#looked-up").textContent!) as LookedUp;
const [NEEDED, CHECK] = [0, 1];
const REPEATED = /\ue000([^\ue001]*)\ue001([^\ue002]*)\ue002/g;
const OWN = "\ue001";
type Pairs = [string, string][];

const key = (question: HTMLElement): string => question.dataset.question!;
const questionsOf = (page: HTMLElement): HTMLElement[] => [...page.querySelectorAll<HTMLElement>("[data-question]")];
const asked = (page: HTMLElement): HTMLElement[] => questionsOf(page).filter((question) => !question.hidden);

// What is ticked and written now, by question.
function read(): Map<string, Pairs> {
  const found = new Map<string, Pairs>();
  for (const [name, value] of new FormData(form)) {
    const id = name.split(".")[0];
    const text = String(value).trim();
    if (text) found.set(id, [...(found.get(id) ?? []), [name, text]]);
  }
  return found;
}

function state(id: string, answers: Map<string, Pairs>): [answer: number, wrong: number] {
  const { signs, states } = known.given[id];
  const given = answers.get(id) ?? [];
  if (!Object.keys(signs).length) return states[given.length ? "x" : ""] ?? states[""];
  const times: Record<string, number> = {};
  for (const [name, value] of given) {
    const sign = signs[`${name}=${value}`] ?? signs[name];
    times[sign] = (times[sign] ?? 0) + 1;
  }
  const name = Object.entries(times).map(([sign, n]) => `${sign}x${n}`);
  return states[name.sort().join(" ")];
}

function isShown(question: HTMLElement, answers: Map<string, Pairs>): boolean {
  let way = known.ways[key(question)] ?? true;
  while (typeof way !== "boolean") way = way[1][state(way[0], answers)[0]];
  return way;
}

// Returns the pages that are shown; hides the questions that are not.
export function through(): HTMLElement[] {
  const answers = read();
  for (const page of pages) for (const question of questionsOf(page)) question.hidden = !isShown(question, answers);
  return pages.filter((page) => asked(page).length > 0);
}

// What is sent of the questions of pages.
export function fieldsOf(within: HTMLElement[]): string {
  const answers = read();
  const all = within.flatMap(asked).flatMap((question) => answers.get(key(question)) ?? []);
  return new URLSearchParams(all).toString();
}

// The words (their number) for what is wrong with an answer; -1 for nothing.
function wrong(question: HTMLElement, answers: Map<string, Pairs>): number {
  const id = key(question);
  const fields = [...question.querySelectorAll<HTMLInputElement>("input, textarea, select")];
  if (fields.some((field) => !field.validity.valid)) return CHECK;
  return (answers.get(id) ?? []).length < known.given[id].least ? NEEDED : state(id, answers)[1];
}

// Says what is wrong on a page; returns whether anything is.
export function complain(page: HTMLElement): boolean {
  clearComplaints(page);
  const answers = read();
  const wrongs = asked(page).map((question) => [question, wrong(question, answers)] as const);
  const told = wrongs.filter(([, words]) => words >= 0);
  for (const [question, words] of told) tell(question, known.words[words]);
  told[0]?.[0].querySelector<HTMLElement>("input, textarea, select")?.focus();
  return told.length > 0;
}

function tell(question: HTMLElement, words: string): void {
  const told = document.createElement("p");
  told.id = `${key(question)}-error`;
  told.className = "q-error";
  told.setAttribute("role", "alert");
  told.textContent = words;
  const text = question.querySelector("legend, label.q-text");
  if (text) text.after(told);
  else question.prepend(told);
  question.classList.add("wrong");
  const asks = question.querySelector("fieldset, input, textarea, select");
  asks?.setAttribute("aria-describedby", `${asks.getAttribute("aria-describedby") ?? ""} ${told.id}`.trim());
}

function clearComplaints(within: HTMLElement): void {
  for (const told of within.querySelectorAll(".wrong .q-error")) {
    const asks = within.querySelector(`[aria-describedby$="${told.id}"]`);
    asks?.setAttribute("aria-describedby", asks.getAttribute("aria-describedby")!.replace(told.id, "").trim());
    told.remove();
  }
  for (const question of within.querySelectorAll(".wrong")) question.classList.remove("wrong");
}

// Texts that repeat an answer: what was there first, of each text and attribute that has a place for one.
let repeating: [Node, string][] = [];

function findRepeating(): void {
  const every = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let at: Node | null = every.currentNode; at; at = every.nextNode()) {
    if (at.parentElement?.id === "looked-up") continue;
    for (const node of at instanceof Element ? at.attributes : [at])
      if (node.nodeValue?.includes(OWN)) repeating.push([node, node.nodeValue]);
  }
}

function repeated(id: string, answers: Map<string, Pairs>): string {
  const question = form.querySelector<HTMLElement>(`[data-question="${id}"]`);
  if (!question || question.hidden) return "";
  const { signs, repeats } = known.given[id];
  const given = answers.get(id) ?? [];
  if (!Object.keys(signs).length) return given[0]?.[1] ?? "";
  const own = given.find(([name]) => name !== id)?.[1] ?? "";
  const words = given.map(([name, value]) => repeats[`${name}=${value}`]).find((found) => found !== undefined);
  return words?.replace(OWN, () => own) ?? "";
}

export function repeat(): void {
  const answers = read();
  for (const [node, text] of repeating)
    node.nodeValue = text.replace(REPEATED, (_, id: string, otherwise: string) => repeated(id, answers) || otherwise);
}

export function isBegun(): boolean {
  return read().size > 0;
}

// Nothing of one person is there for the next: not in fields, not in what a browser would undo, not in texts.
export function empty(): void {
  form.reset();
  clearComplaints(form);
  for (const [node, text] of repeating) node.nodeValue = text;
  for (const field of form.querySelectorAll<HTMLElement>("input, textarea, select"))
    field.replaceWith(field.cloneNode(true));
  for (const page of pages) if (page.dataset.randomise !== undefined) shuffle(page);
  repeating = [];
  findRepeating();
  limitPlaces();
}

function shuffle(page: HTMLElement): void {
  const all = questionsOf(page);
  while (all.length) page.append(all.splice(Math.floor(Math.random() * all.length), 1)[0]);
}

// In a ranking each place is given once: a place that is taken is not offered again.
function limitPlaces(): void {
  for (const ranking of form.querySelectorAll(".q-ranking")) {
    const menus = [...ranking.querySelectorAll("select")];
    for (const menu of menus)
      for (const option of menu.options)
        option.disabled = option.value !== "" && menus.some((other) => other !== menu && other.value === option.value);
  }
}

function setAttributes(): void {
  for (const [name, attributes] of Object.entries(known.fields))
    for (const field of form.querySelectorAll(`[name="${name}"]`))
      for (const [attribute, value] of Object.entries(attributes))
        if (value) field.setAttribute(attribute, value);
        else field.removeAttribute(attribute);
}

setAttributes();
form.addEventListener("change", limitPlaces);
