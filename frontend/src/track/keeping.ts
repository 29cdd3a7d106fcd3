// What is kept on the device, and only with consent. c: whether the visitor agreed; a, b: a made-up id and when it was
// made; u, g: who the site said it is, and of which company; s, t: the visit, and when something happened in it last.
import type { Config } from "./config";
import { attempt } from "./quiet";

export interface Kept {
  c?: 0 | 1;
  a?: string;
  b?: number;
  u?: string;
  g?: string;
  s?: string;
  t?: number;
}

export const NAME = "percorso";
export const MOST_SECONDS = 395 * 86_400;

export class Keeping {
  private memory?: Kept;
  private lasts: boolean;

  constructor(private readonly config: Config) {
    this.lasts = config.storage !== "none";
  }

  // Storage refuses in private windows and under some policies; then a page knows what it knows until it is left.
  read(): Kept | undefined {
    if (!this.lasts) return this.memory;
    const found = attempt(() => JSON.parse(this.text() ?? "null") as unknown);
    return found && typeof found === "object" ? (found as Kept) : undefined;
  }

  write(kept: Kept): void {
    this.memory = kept;
    if (!this.lasts) return;
    const text = JSON.stringify(kept);
    this.lasts = attempt(() => {
      if (this.config.storage === "cookie") this.cookie(encodeURIComponent(text), MOST_SECONDS);
      else localStorage.setItem(NAME, text);
      return this.text() === text;
    }) === true;
  }

  clear(): void {
    this.memory = undefined;
    if (this.config.storage === "none") return;
    attempt(() => localStorage.removeItem(NAME));
    if (this.config.storage === "cookie") attempt(() => this.cookie("", 0));
  }

  private text(): string | null {
    if (this.config.storage !== "cookie") return localStorage.getItem(NAME);
    const found = document.cookie.match(/(?:^|; )percorso=([^;]*)/);
    return found && decodeURIComponent(found[1]);
  }

  private cookie(value: string, seconds: number): void {
    const { domain } = this.config;
    const where = (domain && `; domain=${domain}`) + (location.protocol === "https:" ? "; secure" : "");
    document.cookie = `${NAME}=${value}; path=/; max-age=${seconds}; samesite=lax${where}`;
  }
}
