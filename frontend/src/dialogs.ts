// Dialogs: a button (or a link that leads elsewhere without script) opens one by its id, anything with data-closes-dialog closes it.
export function openDialog(id: string): boolean {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return false;
  if (!dialog.open) dialog.showModal();
  return true;
}

function closeAll(): void {
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
}

export function isTyping(event: KeyboardEvent): boolean {
  const at = event.target as HTMLElement;
  // For a moment after a dialog was closed its field still has the keyboard.
  if (at.closest("dialog:not([open])")) return false;
  return at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
}

export function watchDialogs(): void {
  document.addEventListener("click", (event) => {
    const at = event.target as Element;
    const opener = at.closest<HTMLElement>("[data-opens]");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (opener && plain && openDialog(opener.dataset.opens!)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (at.closest("[data-closes-dialog]") || at.matches("dialog")) at.closest("dialog")?.close();
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || isTyping(event) || document.querySelector("dialog[open]")) return;
    if (openDialog("help")) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    // A part of a page that renews itself leaves dialogs alone; another page closes them.
    const source: Element | undefined = (event as CustomEvent).detail?.ctx?.sourceElement;
    if (!source?.matches?.("[data-quiet]")) closeAll();
  });
}
