import htmx from "htmx.org";
import { watchCharts } from "./charts";
import { isTyping, watchDialogs } from "./dialogs";
import { watchLive } from "./live";
import { watchMenus } from "./menus";
import { watchPalette } from "./palette";
import { watchToasts } from "./toasts";

function showTheme(): void {
  const chosen = localStorage.getItem("theme") ?? "auto";
  for (const input of document.querySelectorAll<HTMLInputElement>("[data-themes] input")) input.checked = input.value === chosen;
}

function submitOnChange(event: Event): void {
  const field = event.target;
  if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return;
  if (field.closest("[data-themes]"))
    document.dispatchEvent(new CustomEvent("percorso:choose-theme", { detail: field.value }));
  if (field.dataset.chooses) document.querySelector<HTMLInputElement>(field.dataset.chooses)!.checked = true;
  if (field.dataset.submits !== undefined && field.form) submitSoon(field.form);
}

const waiting = new WeakMap<HTMLFormElement, number>();

// Enter in a text field changes it and sends its form: the form is sent once.
function submitSoon(form: HTMLFormElement): void {
  clearTimeout(waiting.get(form));
  waiting.set(
    form,
    window.setTimeout(() => form.isConnected && form.requestSubmit()),
  );
}

function isSent(event: Event): void {
  clearTimeout(waiting.get(event.target as HTMLFormElement));
}

// Morphing changes attributes; what somebody has chosen by hand would stay chosen on the page that comes.
function followPage(event: Event): void {
  const frame = (event as CustomEvent).detail?.ctx?.target;
  if (!(frame instanceof HTMLElement) || frame.id !== "frame") return;
  for (const option of document.querySelectorAll<HTMLOptionElement>("#frame option"))
    if (option.selected !== option.defaultSelected) option.selected = option.defaultSelected;
  for (const input of document.querySelectorAll<HTMLInputElement>("#frame :is([type=checkbox], [type=radio])"))
    if (input.checked !== input.defaultChecked) input.checked = input.defaultChecked;
}

// Where the tabs do not fit, the one that is open is seen.
function showTab(): void {
  for (const tab of document.querySelectorAll<HTMLElement>(".tabs [aria-current]")) {
    const [own, strip] = [tab.getBoundingClientRect(), tab.parentElement!.getBoundingClientRect()];
    tab.parentElement!.scrollLeft += own.left + own.width / 2 - strip.left - strip.width / 2;
  }
}

async function copy(event: Event): Promise<void> {
  const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
  if (!button) return;
  const label = button.querySelector("span")!;
  const before = label.textContent;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy!)!.textContent ?? "");
  label.textContent = button.dataset.done!;
  setTimeout(() => (label.textContent = before), 2000);
}

function announceWork(): void {
  const hint = document.querySelector<HTMLElement>("#progress span[data-busy]")!;
  document.addEventListener("htmx:before:request", (event) => {
    // What asked may have left the page by then: htmx tells the document, which is inside nothing.
    if (!(event.target as Element).closest?.("[data-quiet]")) hint.textContent = hint.dataset.busy!;
  });
  document.addEventListener("htmx:finally:request", () => (hint.textContent = ""));
}

// What only some pages need comes when one of them is seen, once.
const LATER: [string, () => Promise<void>][] = [
  ["form[data-saves], #editor-preview, [data-outline]", async () => (await import("./editor")).watchEditor((part) => htmx.process(part), isTyping)],
  ["[data-grip], [data-narrows], [data-renews]", async () => (await import("./board")).watchBoards()],
  ["form[data-counts], [data-prints]", async () => (await import("./rule")).watchRules()],
  ["form[data-upload]", async () => (await import("./upload")).watchUploads()],
];

function loadNeeded(): void {
  for (let at = LATER.length - 1; at >= 0; at--) if (document.querySelector(LATER[at][0])) void LATER.splice(at, 1)[0][1]();
}

/** Styles of the other pages come when this one has been shown, so that they are there before somebody goes on. */
function loadLater(): void {
  loadNeeded();
  document.addEventListener("htmx:after:swap", loadNeeded);
  const styles = document.querySelector<HTMLLinkElement>("link[data-later]");
  const fetchStyles = () => styles && (styles.rel = "stylesheet");
  if (document.readyState === "complete") fetchStyles();
  else addEventListener("load", fetchStyles, { once: true });
}

document.addEventListener("change", submitOnChange);
document.addEventListener("submit", isSent);
document.addEventListener("click", copy);
document.addEventListener("htmx:after:swap", followPage);
document.addEventListener("htmx:after:swap", showTheme);
document.addEventListener("htmx:after:swap", showTab);
showTheme();
showTab();
announceWork();
watchMenus();
watchDialogs();
watchPalette();
watchToasts();
watchCharts();
watchLive();
loadLater();
