// The widget's loader, which other sites hold: <script async src=".../w.js" data-survey="key"></script>. It sets no
// cookie, keeps nothing on the device before the site says that the visitor agreed, and touches nothing of the page around
// it: one element with a shadow of its own, whose rules come through the CSSOM, which every content policy allows.
interface Settings {
  open: boolean;
  on: string;
  seconds: number;
  scroll: number;
  event: string;
  click: string;
  page: string;
  share: number;
  position: string;
  theme: string;
  days: number;
  title: string;
  close: string;
}

type Percorso = {
  (what: string, ...more: unknown[]): void;
  told: (key: string, settings: Settings) => void;
  widgets: Widget[];
  happened: Set<string>;
  agreed: boolean;
  q?: ArrayLike<unknown>[];
};

const global = window as unknown as { percorso?: Percorso };
const script = document.currentScript as HTMLScriptElement | null;
const DAY = 86_400_000;
const FIELDS = "input, textarea, select, [contenteditable]";
const RULES = `:host{all:initial!important;position:fixed!important;top:0!important;left:0!important;width:0!important;height:0!important;z-index:2147483000!important}
div{background:light-dark(#fff,#16191e);border:1px solid light-dark(#d3d8e0,#3a424e);border-radius:12px;bottom:16px;box-shadow:0 8px 32px rgb(0 0 0/.22);box-sizing:border-box;color-scheme:light dark;display:flex;flex-direction:column;max-height:calc(100vh - 32px);max-height:calc(100dvh - 32px);outline:0;overflow:hidden;position:fixed;right:16px;visibility:hidden;width:min(400px,calc(100vw - 32px))}
div.shown{visibility:visible}
div.left{left:16px;right:auto}
div.centre{bottom:auto;left:50%;right:auto;top:50%;transform:translate(-50%,-50%);width:min(560px,calc(100vw - 32px))}
div.light{color-scheme:light}
div.dark{color-scheme:dark}
div:focus-visible,button:focus-visible{outline:3px solid light-dark(#3f5bd8,#8fa3ff);outline-offset:-3px}
button{align-self:flex-end;background:0 0;border:0;border-radius:10px;color:light-dark(#5a6372,#a5aebb);cursor:pointer;flex:none;font:24px/40px system-ui,sans-serif;height:40px;margin:2px;padding:0;width:40px}
button:hover{background:light-dark(#eef0f4,#20252c)}
iframe{border:0;display:block;flex:0 1 auto;height:320px;min-height:0;width:100%}
@media(max-width:480px){div,div.left,div.centre{border-radius:12px 12px 0 0;bottom:0;left:0;max-height:85vh;right:0;top:auto;transform:none;width:auto}}
@media(prefers-reduced-motion:no-preference){div.shown{animation:come .18s}@keyframes come{from{opacity:0}}}`;

// Storage refuses in private windows and under some policies; then nothing is kept.
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function matches(pages: string): boolean {
  const patterns = pages.split(/[\s,]+/).filter(Boolean);
  const fits = (pattern: string) => {
    const rule = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
    return new RegExp(`^${rule}$`).test(/^https?:/.test(pattern) ? location.href : location.pathname);
  };
  return !patterns.length || patterns.some(fits);
}

class Widget {
  readonly key: string;
  settings?: Settings;
  private readonly base: string;
  private over = false;
  private waiting = 0;
  private host?: HTMLElement;
  private frame?: HTMLIFrameElement;
  private before: Element | null = null;

  constructor(
    private readonly script: HTMLScriptElement,
    private readonly percorso: Percorso,
  ) {
    this.key = script.dataset.survey ?? "";
    this.base = new URL(".", script.src).href;
    addEventListener("message", (event) => this.hear(event));
    addEventListener("keydown", (event) => {
      const at = document.activeElement;
      if (event.key === "Escape" && this.host && (at === this.host || at === document.body)) this.close();
    });
  }

  // Another script and no request: a policy that lets our scripts run need not let the page talk to our host.
  load(): void {
    if (this.script.dataset.preview) return this.learn({ open: true } as Settings);
    const next = document.createElement("script");
    const told = new URLSearchParams({ site: location.origin, lang: this.language() });
    next.src = `${this.base}s/${encodeURIComponent(this.key)}/widget.js?${told}`;
    next.async = true;
    next.nonce = this.script.nonce;
    document.head.append(next);
  }

  learn(settings: Settings): void {
    const own = this.script.dataset as Record<string, string | undefined>;
    const set = { ...settings } as unknown as Record<string, unknown>;
    for (const name of ["on", "event", "click", "page", "position", "theme", "title", "close"])
      if (own[name] !== undefined) set[name] = own[name];
    for (const name of ["seconds", "scroll", "share", "days"])
      if (own[name] !== undefined && Number.isFinite(Number(own[name]))) set[name] = Number(own[name]);
    this.settings = set as unknown as Settings;
    if (this.script.dataset.preview) this.open();
    else if (settings.open) this.arm();
  }

  private language(): string {
    return this.script.dataset.language ?? document.documentElement.lang;
  }

  private arm(): void {
    const { on, scroll, click, event } = this.settings!;
    this.timed();
    if (on === "event" && this.percorso.happened.has(event)) this.ask();
    if (on === "scroll") {
      const look = () => {
        const height = document.documentElement.scrollHeight;
        if (scrollY > 0 && ((scrollY + innerHeight) / height) * 100 >= scroll) this.ask();
      };
      addEventListener("scroll", look, { passive: true });
    }
    if (on === "exit")
      document.documentElement.addEventListener("mouseleave", (left) => {
        if (left.clientY <= 0) this.ask();
      });
    if (on === "click" && attempt(() => document.querySelector(click)) !== undefined)
      addEventListener("click", (pressed) => (pressed.target as Element).closest?.(click) && this.ask(), true);
  }

  // Also when a page of one document becomes another one.
  timed(): void {
    const { on, seconds } = this.settings ?? {};
    clearTimeout(this.waiting);
    if (!this.settings?.open || (on !== "load" && on !== "time")) return;
    this.waiting = window.setTimeout(() => this.ask(), on === "time" ? seconds! * 1000 : 0);
  }

  tell(event: string): void {
    if (this.settings?.open && this.settings.on === "event" && this.settings.event === event) this.ask();
  }

  // Once a page view; once a visitor where something may be kept. Nobody is interrupted while typing.
  ask(): void {
    if (this.over || this.host || !matches(this.settings!.page)) return;
    if (document.activeElement?.matches(FIELDS)) {
      clearTimeout(this.waiting);
      this.waiting = window.setTimeout(() => this.ask(), 1000);
      return;
    }
    this.over = true;
    if (this.askedBefore()) return;
    this.keep();
    if (Math.random() < this.settings!.share) this.open();
  }

  private askedBefore(): boolean {
    if (!this.percorso.agreed) return false;
    const at = Number(attempt(() => localStorage.getItem(this.name())));
    return at > 0 && Date.now() - at < this.settings!.days * DAY;
  }

  keep(): void {
    if (this.percorso.agreed && this.over) attempt(() => localStorage.setItem(this.name(), String(Date.now())));
  }

  forget(): void {
    attempt(() => localStorage.removeItem(this.name()));
  }

  private name(): string {
    return `percorso:${this.key}`;
  }

  private address(): string {
    const { preview, user, signature } = this.script.dataset;
    if (preview) return new URL(preview, this.base).href;
    const told = new URLSearchParams({ frame: "1", page: location.pathname });
    if (this.language()) told.set("lang", this.language());
    if (user && signature) {
      told.set("user", user);
      told.set("signature", signature);
    }
    return `${this.base}s/${encodeURIComponent(this.key)}/?${told}`;
  }

  identify(user: unknown, signature: unknown): void {
    this.script.dataset.user = String(user);
    this.script.dataset.signature = String(signature);
  }

  // Seen once the survey tells its height: where it cannot be shown, nothing is.
  open(): void {
    if (this.host || !this.settings?.open) return;
    this.over = true;
    const { position, theme, title, close } = this.settings;
    const box = document.createElement("div");
    const button = document.createElement("button");
    const frame = document.createElement("iframe");
    box.className = `${position} ${theme}`;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", title);
    box.tabIndex = -1;
    button.type = "button";
    button.setAttribute("aria-label", close);
    button.textContent = "×";
    button.addEventListener("click", () => this.close());
    frame.title = title;
    frame.name = `percorso-${theme}`;
    frame.src = this.address();
    box.append(button, frame);
    this.host = document.createElement("percorso-survey");
    this.frame = frame;
    const root = this.host.attachShadow({ mode: "open" });
    const rules = new CSSStyleSheet();
    rules.replaceSync(RULES);
    root.adoptedStyleSheets = [rules];
    root.append(box);
    if (this.script.dataset.preview) {
      frame.style.height = "480px";
      frame.addEventListener("load", () => box.classList.add("shown"));
    }
    document.body.append(this.host);
  }

  private show(box: HTMLElement): void {
    if (box.classList.contains("shown")) return;
    this.before = document.activeElement;
    box.classList.add("shown");
    box.focus({ preventScroll: true });
    this.announce("opened");
  }

  private hear(event: MessageEvent): void {
    const { frame } = this;
    if (!frame || event.source !== frame.contentWindow || event.origin !== new URL(this.base).origin) return;
    const told = event.data as { percorso?: string; height?: number; done?: boolean; close?: boolean } | null;
    if (told?.percorso !== "survey") return;
    if (typeof told.height === "number") {
      frame.style.height = `${Math.min(Math.max(told.height, 80), 4000)}px`;
      this.show(frame.parentElement!);
    }
    if (told.done) this.announce("answered");
    if (told.close) this.close();
  }

  close(): void {
    if (!this.host) return;
    const inside = document.activeElement === this.host || document.activeElement === document.body;
    this.host.remove();
    this.host = this.frame = undefined;
    if (inside && this.before instanceof HTMLElement) this.before.focus({ preventScroll: true });
    this.announce("closed");
  }

  private announce(what: string): void {
    document.dispatchEvent(new CustomEvent(`percorso:${what}`, { detail: { survey: this.key } }));
  }
}

function begin(): Percorso {
  const earlier = global.percorso?.q ?? [];
  const made = ((what: string, ...more: unknown[]) => {
    const every = (work: (widget: Widget) => void) => made.widgets.forEach(work);
    if (what === "consent") {
      made.agreed = more[0] !== false;
      every((widget) => (made.agreed ? widget.keep() : widget.forget()));
    } else if (what === "open" || what === "close") {
      every((widget) => (more[0] === undefined || more[0] === widget.key) && widget[what]());
    } else if (what === "identify") every((widget) => widget.identify(more[0], more[1]));
    else {
      made.happened.add(what);
      every((widget) => widget.tell(what));
    }
  }) as Percorso;
  // What the script of the visits, or the lines that stand in for it, put there.
  Object.assign(made, global.percorso);
  made.widgets = [];
  made.happened = new Set();
  made.agreed = false;
  made.told = (key, settings) => made.widgets.forEach((widget) => widget.key === key && widget.learn(settings));
  made.q = [...earlier];
  const turned = () => made.widgets.forEach((widget) => widget.timed());
  addEventListener("popstate", turned);
  (window as unknown as { navigation?: EventTarget }).navigation?.addEventListener("navigatesuccess", turned);
  return made;
}

function start(script: HTMLScriptElement): void {
  if (!global.percorso?.widgets) global.percorso = begin();
  const percorso = global.percorso;
  if (script.dataset.consent === "yes") percorso.agreed = true;
  const widget = new Widget(script, percorso);
  percorso.widgets.push(widget);
  for (const call of percorso.q?.splice(0) ?? []) percorso(...(Array.from(call) as [string, ...unknown[]]));
  if (document.body) widget.load();
  else addEventListener("DOMContentLoaded", () => widget.load());
}

if (script?.dataset.survey) start(script);
export {};
