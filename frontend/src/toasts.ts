// Toasts say once what was done. They go by themselves, except while somebody reads them and when something went wrong.
const SHOWN_MS = 6000;

function leave(toast: Element): void {
  if (toast.matches(":hover, :focus-within")) setTimeout(leave, SHOWN_MS, toast);
  else toast.remove();
}

function count(): void {
  for (const toast of document.querySelectorAll("#toasts .toast:not(.toast-error, [data-leaves])")) {
    toast.setAttribute("data-leaves", "");
    setTimeout(leave, SHOWN_MS, toast);
  }
}

export function watchToasts(): void {
  count();
  document.addEventListener("htmx:after:swap", count);
  document.addEventListener("click", (event) => (event.target as Element).closest("[data-closes-toast]")?.closest(".toast")?.remove());
}
