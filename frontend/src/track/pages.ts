// Page views: the first one, those of pages that change without loading, and those that come back from the browser's memory.
import { pathOf } from "./address";
import { hear, quiet } from "./quiet";

export function watchPages(viewed: () => void): void {
  let last = pathOf(location.href);
  const look = quiet(() => {
    const now = pathOf(location.href);
    if (now === last) return;
    last = now;
    viewed();
  });
  // Later, for most sites change the title after the address.
  const soon = () => setTimeout(look);
  const { navigation } = window as unknown as { navigation?: EventTarget };
  if (navigation) hear(navigation, "currententrychange", soon);
  else
    for (const name of ["pushState", "replaceState"] as const) {
      const own = history[name];
      history[name] = function (this: History, ...told: Parameters<History["pushState"]>) {
        own.apply(this, told);
        soon();
      };
    }
  hear(window, "popstate", soon);
  hear(window, "hashchange", soon);
  hear<PageTransitionEvent>(window, "pageshow", (event) => event.persisted && viewed());
}
