// Nothing of ours may break the page that holds us: what fails is not told.
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

export function quiet<A extends unknown[]>(work: (...told: A) => void): (...told: A) => void {
  return (...told) => attempt(() => work(...told));
}

// Heard before the page's own listeners, which may stop an event.
export function hear<E extends Event>(where: EventTarget, what: string, work: (event: E) => void): void {
  where.addEventListener(what, quiet(work) as EventListener, { capture: true, passive: true });
}

// `crypto.randomUUID` is missing on pages without https.
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
