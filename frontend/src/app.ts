import "htmx.org";
import { watchBoards } from "./board";
import { watchCharts } from "./charts";
import { watchDialogs } from "./dialogs";
import { watchMenus } from "./menus";
import { watchPalette } from "./palette";
import { watchRules } from "./rule";
import { watchToasts } from "./toasts";
import { watchUploads } from "./upload";

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
  if (field.dataset.submits !== undefined) field.form?.requestSubmit();
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
    if (!(event.target as Element).closest("[data-quiet]")) hint.textContent = hint.dataset.busy!;
  });
  document.addEventListener("htmx:finally:request", () => (hint.textContent = ""));
}

document.addEventListener("change", submitOnChange);
document.addEventListener("click", copy);
document.addEventListener("htmx:after:swap", showTheme);
showTheme();
announceWork();
watchMenus();
watchDialogs();
watchPalette();
watchToasts();
watchUploads();
watchCharts();
watchBoards();
watchRules();
