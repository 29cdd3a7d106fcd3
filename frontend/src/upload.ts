// Uploads: files dropped or chosen are listed and checked for their size; while they are sent a bar shows how far it is.
interface Parts {
  form: HTMLFormElement;
  input: HTMLInputElement;
  list: HTMLElement;
  problem: HTMLElement;
  sending: HTMLElement;
  bar: HTMLProgressElement;
  sent: HTMLElement;
}

function parts(inside: EventTarget | null): Parts | null {
  const form = inside instanceof Element ? inside.closest<HTMLFormElement>("form[data-upload]") : null;
  if (!form) return null;
  const find = <T extends HTMLElement>(selector: string): T => form.querySelector<T>(selector)!;
  return {
    form, input: find("input[type=file]"), list: find("[data-files]"), problem: find("[data-problem]"),
    sending: find("[data-sending]"), bar: find("[data-sending] progress"), sent: find("[data-sent]"),
  };
}

function megabytes(bytes: number): string {
  const small = bytes < 2 ** 20;
  const size = bytes / 2 ** (small ? 10 : 20);
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: small ? "kilobyte" : "megabyte", maximumFractionDigits: size < 10 ? 1 : 0, minimumFractionDigits: 0,
  }).format(size);
}

function complain(at: Parts, text: string): void {
  at.problem.textContent = text;
  at.problem.hidden = !text;
}

function show(at: Parts): boolean {
  const files = [...(at.input.files ?? [])];
  at.list.replaceChildren(...files.map((file) => {
    const line = document.createElement("li");
    line.textContent = `${file.name} · ${megabytes(file.size)}`;
    return line;
  }));
  at.list.hidden = !files.length;
  const fits = files.reduce((sum, file) => sum + file.size, 0) <= Number(at.form.dataset.limitMb) * 2 ** 20;
  complain(at, fits ? "" : at.form.dataset.tooLarge!);
  return fits;
}

function answered(at: Parts, request: XMLHttpRequest): void {
  const next = request.getResponseHeader("Location");
  if (request.status === 201 && next) {
    location.assign(next);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const again = page.querySelector("form[data-upload]");
  if (again) at.form.replaceWith(again);
  else {
    at.sending.hidden = true;
    complain(at, page.querySelector("main p, .problem p")?.textContent ?? at.form.dataset.failed!);
  }
}

function send(at: Parts): void {
  const request = new XMLHttpRequest();
  request.open("POST", at.form.action);
  request.setRequestHeader("X-Upload", "script");
  request.upload.addEventListener("progress", (event) => {
    at.bar.value = event.loaded / event.total;
    const done = event.loaded === event.total;
    at.sent.textContent = done ? at.form.dataset.kept! : `${megabytes(event.loaded)} / ${megabytes(event.total)}`;
  });
  request.addEventListener("load", () => answered(at, request));
  request.addEventListener("error", () => {
    at.sending.hidden = true;
    complain(at, at.form.dataset.failed!);
  });
  at.sending.hidden = false;
  request.send(new FormData(at.form));
}

export function watchUploads(): void {
  document.addEventListener("change", (event) => {
    const at = parts(event.target);
    if (at && event.target === at.input) show(at);
  });
  document.addEventListener("submit", (event) => {
    const at = parts(event.target);
    if (!at) return;
    event.preventDefault();
    if (show(at)) send(at);
  });
  for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, (event) => {
    const area = (event.target as Element).closest?.("[data-drop]");
    const at = area && parts(area);
    if (!area || !at) return;
    event.preventDefault();
    area.classList.toggle("drop-over", kind === "dragover");
    const files = (event as DragEvent).dataTransfer?.files;
    if (kind !== "drop" || !files?.length) return;
    at.input.files = files;
    show(at);
  });
}
