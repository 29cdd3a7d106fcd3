// Clicks on elements that say so: <button data-track="Plan Chosen" data-track-plan="gold">.
import { hear } from "./quiet";

export type Properties = Record<string, unknown>;
export type Tell = (name: string, properties: Properties, address?: string) => void;

export function propertiesOf(element: HTMLElement): Properties {
  const found: Properties = {};
  for (const [name, value] of Object.entries(element.dataset)) {
    const own = name.match(/^track([A-Z].*)/)?.[1];
    if (own) found[own.replace(/[A-Z]/g, (letter, at) => (at ? "_" : "") + letter.toLowerCase())] = value;
  }
  return found;
}

export function watchClicks(tell: Tell): void {
  hear(document, "click", (event) => {
    const at = event.composedPath()[0] as Element | undefined;
    const element = at?.closest?.<HTMLElement>("[data-track]:not(form)");
    const name = element?.dataset.track;
    if (element && name) tell(name, propertiesOf(element));
  });
}
