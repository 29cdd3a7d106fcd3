// Charts are drawn when they come into view; only then the drawing library is loaded.
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) void draw(entry.target as HTMLElement);
}, { rootMargin: "200px" });

async function draw(figure: HTMLElement): Promise<void> {
  seen.unobserve(figure);
  const data = document.getElementById(figure.dataset.chart!)?.textContent;
  if (!data) return;
  const { drawSeries } = await import("./series");
  drawSeries(figure.querySelector<HTMLElement>(".plot")!, JSON.parse(data));
  figure.dataset.drawn = "true";
}

function observe(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) seen.observe(figure);
}

export function watchCharts(): void {
  observe();
  document.addEventListener("htmx:after:swap", observe);
  document.addEventListener("percorso:theme", () => {
    for (const figure of document.querySelectorAll<HTMLElement>("figure[data-drawn]")) void draw(figure);
  });
}
