// What was finished at a kiosk, until it has arrived: kept in IndexedDB before anything else.
import { now, one, PLACE, told } from "./kiosk-page";

export interface Kept {
  key: string;
  version: number;
  language: string;
  at: number;
  started: number;
  fields: string;
  page: string;
  refused?: boolean;
}

const BATCH = 20;

function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(`percorso-kiosk-${told.key}`, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function stored<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  return new Promise((done, failed) => {
    const transaction = database.transaction("answers", mode, { durability: "strict" });
    const asked = work(transaction.objectStore("answers"));
    transaction.oncomplete = () => {
      database.close();
      done(asked.result);
    };
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

// A browser that refuses to keep anything still sends: until the page is closed, what waits is only here.
let held: Kept[] = [];

async function waiting(): Promise<Kept[]> {
  const kept = await stored<Kept[]>("readonly", (store) => store.getAll()).catch(() => []);
  return [...kept, ...held].sort((one, other) => one.at - other.at);
}

export async function put(kept: Kept): Promise<void> {
  held = held.filter((other) => other.key !== kept.key);
  await stored("readwrite", (store) => store.put(kept)).catch(() => held.push(kept));
}

async function drop(key: string): Promise<void> {
  held = held.filter((other) => other.key !== key);
  await stored("readwrite", (store) => store.delete(key)).catch(() => undefined);
}

export async function showWaiting(): Promise<void> {
  const all = await waiting();
  const state = one("#waiting");
  const refused = all.filter((kept) => kept.refused).length;
  const say = (text: string, count: number) => (count ? text.replace("{count}", String(count)) : "");
  const text = [say(state.dataset.told!, all.length - refused), say(state.dataset.refused!, refused)];
  state.textContent = text.filter(Boolean).join(" · ");
  one("#retry").hidden = !refused;
}

let sending = false;

// Sent one batch after another; what the server has is dropped, what it does not take now stays for later.
export async function send(): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (;;) {
      const batch = (await waiting()).filter((kept) => !kept.refused).slice(0, BATCH);
      if (!batch.length) break;
      const answers = batch.map(({ refused: _, ...kept }) => kept);
      const sent = await fetch(told.answers, {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ now: now(), place: PLACE, answers }),
      });
      if (!sent.ok) break;
      const { done, not_taken } = (await sent.json()) as { done: Record<string, string>; not_taken: Record<string, number> };
      for (const kept of batch) {
        // The server has all of it; the device says that staff should look, and holds nothing of what was answered.
        if (done[kept.key] === "kept" && not_taken[kept.key]) await put({ ...kept, fields: "", refused: true });
        else if (done[kept.key] === "kept") await drop(kept.key);
        else if (done[kept.key] === "refused") await put({ ...kept, refused: true });
      }
      if (batch.some((kept) => !["kept", "refused"].includes(done[kept.key]))) break;
    }
  } catch {
    // No network: it is tried again soon.
  } finally {
    sending = false;
    await showWaiting();
  }
}

export async function retry(): Promise<void> {
  for (const kept of await waiting()) if (kept.refused) await put({ ...kept, refused: false });
  await send();
}
