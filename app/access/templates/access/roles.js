// Everything here is a comfort: the page does the same without it.
const search = document.querySelector("[data-search]");
const said = document.querySelector("[data-said]");
// A page that was searched for has only what was found: there, the gateway is asked again.
const live = search && !search.defaultValue;
if (live) search.closest("form").querySelector("button").hidden = true;
if (live) search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const account of document.querySelectorAll("[data-account]")) {
    let here = 0;
    for (const role of account.querySelectorAll("[data-role]")) {
      const fits = words.every((word) => role.dataset.role.toLowerCase().includes(word));
      role.hidden = !fits;
      here += fits;
    }
    account.hidden = !here;
    shown += here;
  }
  said.textContent = shown ? "" : "No role matches what you typed.";
});
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const word = button.querySelector("[data-word]");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      word.textContent = "Copied";
      said.textContent = `Copied: ${button.dataset.copy}`;
    } catch {
      // The browser may forbid it. The line is in the button's title, and its profile on the page.
      word.textContent = "Not copied";
      said.textContent = `The browser does not let this page copy. The line is: ${button.dataset.copy}`;
    }
    setTimeout(() => { word.textContent = "Copy CLI line"; }, 2500);
  });
}
const left = document.querySelector("[data-left]");
setInterval(() => {
  const minutes = Math.floor((new Date(left.dateTime) - Date.now()) / 60000);
  if (minutes < 0) location.reload();
  const parts = [Math.floor(minutes / 60) && `${Math.floor(minutes / 60)} h`, minutes % 60 && `${minutes % 60} min`];
  left.textContent = minutes < 1 ? "less than a minute" : parts.filter(Boolean).join(" ");
}, 30000);
