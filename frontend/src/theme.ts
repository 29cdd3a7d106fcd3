// Runs before the first paint, so that the page never flashes in the other theme.
const dark = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const chosen = localStorage.getItem("theme") ?? "auto";
  const theme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset.bsTheme = theme;
  document.dispatchEvent(new CustomEvent("percorso:theme"));
}

apply();
dark.addEventListener("change", apply);
addEventListener("storage", apply);
document.addEventListener("percorso:choose-theme", (event) => {
  localStorage.setItem("theme", (event as CustomEvent<string>).detail);
  apply();
});
