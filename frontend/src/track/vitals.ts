// How fast the page was for this visitor. A measurement is told once, at the latest when the page is hidden first.
import { type MetricType, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";
import type { Tell } from "./clicks";
import { quiet } from "./quiet";

export function watchVitals(tell: Tell): () => void {
  const told = new Set<string>();
  const measured = quiet(({ id, name, value, rating, navigationType, navigationURL }: MetricType) => {
    if (told.has(id)) return;
    told.add(id);
    const steps = name === "CLS" ? 10_000 : 10;
    const properties = { metric: name, value: Math.round(value * steps) / steps, rating, navigation: navigationType };
    tell("Web Vital Measured", properties, navigationURL);
  });
  for (const watch of [onTTFB, onFCP, onLCP, onCLS]) watch(measured);
  // An interaction shortly before the page is hidden is counted too late to be told by itself: the newest is kept here.
  let newest: MetricType | undefined;
  onINP((metric) => (newest = metric), { reportAllChanges: true });
  return () => newest && measured(newest);
}
