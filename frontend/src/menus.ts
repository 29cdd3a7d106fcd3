// Menus are <details>: they work without script; this closes them as people expect.
function close(menu: HTMLDetailsElement, focus = false): void {
  menu.open = false;
  if (focus) menu.querySelector("summary")?.focus();
}

function openMenus(): HTMLDetailsElement[] {
  return [...document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")];
}

function showSidebar(shown: boolean): void {
  const toggle = document.querySelector<HTMLElement>("[data-menu-toggle]");
  document.documentElement.classList.toggle("sidebar-shown", shown);
  toggle?.setAttribute("aria-expanded", String(shown));
}

export function watchMenus(): void {
  document.addEventListener("click", (event) => {
    const at = event.target as Element;
    for (const menu of openMenus()) if (!menu.contains(at)) close(menu);
    if (at.closest("[data-menu-toggle]")) showSidebar(!document.documentElement.classList.contains("sidebar-shown"));
    else if (!at.closest("#sidebar") || at.closest("a")) showSidebar(false);
  });
  document.addEventListener("change", (event) => {
    const menu = (event.target as Element).matches("[data-closes]") && (event.target as Element).closest("details");
    if (menu) close(menu, true);
  });
  document.addEventListener("submit", (event) => {
    const menu = (event as SubmitEvent).submitter?.closest<HTMLDetailsElement>("details[data-menu]");
    if (menu) close(menu, true);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) close(menu, menu.contains(document.activeElement));
    if (document.documentElement.classList.contains("sidebar-shown")) {
      showSidebar(false);
      document.querySelector<HTMLElement>("[data-menu-toggle]")?.focus();
    }
  });
  document.addEventListener("focusout", (event) => {
    const to = event.relatedTarget as Element | null;
    for (const menu of openMenus()) if (to && !menu.contains(to)) close(menu);
  });
}
