// The builder of segments: it counts while somebody builds, and says on a menu what is ticked in it.
const WAIT = 400;
let waiting = 0;
let asking: AbortController | null = null;

async function count(form: HTMLFormElement): Promise<void> {
  const result = document.querySelector<HTMLElement>(form.dataset.counts!);
  if (!result) return;
  asking?.abort();
  const mine = (asking = new AbortController());
  result.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.countsAt!, { method: "POST", body: new FormData(form), signal: mine.signal, redirect: "error" });
    const text = await answer.text();
    if (answer.ok && mine === asking && result.isConnected) {
      const open = result.querySelector<HTMLDetailsElement>("details")?.open ?? false;
      result.innerHTML = text;
      const details = result.querySelector<HTMLDetailsElement>("details");
      if (details) details.open = open;
    }
  } catch {
    // Without a network the last count stays; the next change asks again.
  } finally {
    if (mine === asking) result.removeAttribute("aria-busy");
  }
}

function changed(event: Event): void {
  const field = event.target as HTMLElement;
  const form = field.closest<HTMLFormElement>("form[data-counts]");
  if (!form || field.matches("textarea, [data-submits], [name='name'], [name='about']")) return;
  const menu = field.closest(".rule-menu");
  if (menu)
    menu.querySelector("[data-chosen]")!.textContent = [...menu.querySelectorAll("label:has(input:checked)")]
      .map((label) => label.textContent!.trim())
      .join(", ");
  clearTimeout(waiting);
  waiting = window.setTimeout(() => void count(form), WAIT);
}

export function watchRules(): void {
  document.addEventListener("input", changed);
  document.addEventListener("submit", () => {
    clearTimeout(waiting);
    asking?.abort();
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-prints]")) print();
  });
}
