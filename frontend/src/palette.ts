// The command palette: typing asks the server, arrows choose, Enter goes there.
import htmx from "htmx.org";
import { isTyping, openDialog } from "./dialogs";

const PAUSE_MS = 80;
let asked = 0;
let waiting = 0;

function parts(): { dialog: HTMLDialogElement; text: HTMLInputElement; list: HTMLElement } | null {
  const dialog = document.querySelector<HTMLDialogElement>("#palette");
  return dialog && { dialog, text: dialog.querySelector("input")!, list: dialog.querySelector<HTMLElement>("#palette-list")! };
}

function entries(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[role=option]")];
}

function choose(list: HTMLElement, text: HTMLInputElement, at: number): void {
  const all = entries(list);
  const chosen = all[(at + all.length) % all.length];
  for (const entry of all) entry.setAttribute("aria-selected", String(entry === chosen));
  if (chosen) text.setAttribute("aria-activedescendant", chosen.id);
  else text.removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

async function ask(): Promise<void> {
  const palette = parts();
  if (!palette) return;
  const mine = ++asked;
  const address = `${palette.dialog.dataset.palette}?list=1&q=${encodeURIComponent(palette.text.value)}`;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  // Answers may overtake each other: only the last question counts.
  if (!answer?.ok || mine !== asked) return;
  palette.list.innerHTML = await answer.text();
  htmx.process(palette.list);
  choose(palette.list, palette.text, 0);
}

function open(): void {
  const palette = parts();
  if (!palette) return;
  openDialog("palette");
  palette.text.select();
  void ask();
}

function onKey(event: KeyboardEvent): void {
  const hot = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping(event) && !document.querySelector("dialog[open]"));
  if (hot && parts()) {
    event.preventDefault();
    return open();
  }
  const palette = parts();
  if (!palette?.dialog.open || event.target !== palette.text) return;
  const all = entries(palette.list);
  const at = all.findIndex((entry) => entry.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && all.length) {
    event.preventDefault();
    choose(palette.list, palette.text, at + step);
  } else if (event.key === "Enter" && all[at]) {
    event.preventDefault();
    all[at].click();
  }
}

export function watchPalette(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", (event) => {
    if (event.target !== parts()?.text) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => void ask(), PAUSE_MS);
  });
  document.addEventListener("click", (event) => {
    const at = event.target as Element;
    if (at.closest("[data-opens=palette]")) open();
    else if (at.closest(".palette-entry")) parts()?.dialog.close();
  }, { capture: true });
}
