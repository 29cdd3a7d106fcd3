/** Parts of a page that renew themselves while somebody looks: `data-live` says every how many seconds they hear "live". */
let paused = false;
let waited = 0;

function tick(): void {
  const part = document.querySelector<HTMLElement>("[data-live]");
  if (!part) return void (waited = 0);
  waited += 1;
  // Nothing is taken from under somebody who is typing or choosing in it.
  const busy = part.contains(document.activeElement) && document.activeElement?.matches("input, select, textarea");
  if (paused || busy || document.visibilityState !== "visible" || waited < Number(part.dataset.live)) return;
  waited = 0;
  part.dispatchEvent(new Event("live"));
}

function show(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-pauses]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(paused));
  }
}

function toggle(event: Event): void {
  if (!(event.target as Element).closest?.("[data-pauses]")) return;
  paused = !paused;
  show();
}

export function watchLive(): void {
  document.addEventListener("click", toggle);
  document.addEventListener("htmx:after:swap", show);
  show();
  setInterval(tick, 1000);
}
