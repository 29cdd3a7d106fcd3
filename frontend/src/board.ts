// Boards: cards are dragged by their grip into another order, long lists are narrowed while somebody types, a wall renews itself.
let dragged: HTMLElement | null = null;
let before = "";

function order(list: Element): string {
  return [...list.querySelectorAll<HTMLElement>("[data-card]")].map((card) => card.dataset.card).join(" ");
}

function begin(event: PointerEvent): void {
  const grip = (event.target as Element).closest<HTMLElement>("[data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  dragged = grip.closest<HTMLElement>("[data-card]")!;
  before = order(dragged.parentElement!);
  dragged.classList.add("board-dragged");
}

/** The card under the pointer gives way: to the left half of it the dragged one goes before, to the right half behind. */
function follow(event: PointerEvent): void {
  if (!dragged) return;
  const edge = 60;
  if (event.clientY < edge) scrollBy(0, -14);
  else if (event.clientY > innerHeight - edge) scrollBy(0, 14);
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("[data-card]");
  if (!over || over === dragged || over.parentElement !== dragged.parentElement) return;
  const box = over.getBoundingClientRect();
  const list = dragged.parentElement!;
  const oneColumn = box.width > list.clientWidth * 0.9;
  const behind = oneColumn ? event.clientY > box.top + box.height / 2 : event.clientX > box.left + box.width / 2;
  list.insertBefore(dragged, behind ? over.nextSibling : over);
}

function end(event: PointerEvent): void {
  if (!dragged) return;
  const card = dragged;
  const list = card.closest<HTMLElement>("[data-arranges]")!;
  dragged = null;
  card.classList.remove("board-dragged");
  if (event.type === "pointercancel" || order(list) === before) return;
  const form = document.querySelector<HTMLFormElement>(list.dataset.arranges!)!;
  (form.elements.namedItem("order") as HTMLInputElement).value = order(list);
  (form.elements.namedItem("moved") as HTMLInputElement).value = card.dataset.card!;
  form.requestSubmit();
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function narrow(event: Event): void {
  const box = (event.target as Element).closest?.<HTMLElement>("[data-narrows]");
  if (!box) return;
  const wanted = plain((event.target as HTMLInputElement).value);
  for (const label of document.querySelectorAll<HTMLElement>(`${box.dataset.narrows} label`))
    label.hidden = !plain(label.textContent ?? "").includes(wanted) && !label.querySelector("input:checked");
}

function showNarrowing(): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-narrows]")) box.hidden = false;
}

/** A wall shows what is new; without a network, or signed out, it keeps what it has and tries again. */
async function renew(wall: HTMLElement): Promise<void> {
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-renews]");
  if (!fresh || !wall.isConnected) return;
  wall.replaceChildren(...fresh.childNodes);
  document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: { ctx: { sourceElement: wall } } }));
}

let renewing = 0;

function watchWall(): void {
  clearInterval(renewing);
  const wall = document.querySelector<HTMLElement>("[data-renews]");
  if (wall) renewing = setInterval(() => void renew(wall), Number(wall.dataset.renews) * 1000);
}

function look(): void {
  showNarrowing();
  watchWall();
}

export function watchBoards(): void {
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
  document.addEventListener("input", narrow);
  document.addEventListener("htmx:after:swap", look);
  look();
}
