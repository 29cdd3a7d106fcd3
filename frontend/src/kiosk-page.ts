// The parts of a kiosk's page.
export const one = <T extends HTMLElement>(selector: string): T => document.querySelector<T>(selector)!;
export const form = one<HTMLFormElement>("#kiosk");
export const pages = [...form.querySelectorAll<HTMLElement>("[data-page]")];
export const told = form.dataset as Record<string, string>;
export const PLACE = new URLSearchParams(location.search).get("place") ?? "";
export const now = () => Date.now() / 1000;
