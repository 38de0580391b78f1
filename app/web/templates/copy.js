// A comfort: the text can be selected without it.
const said = document.querySelector("[data-said]");
for (const button of document.querySelectorAll("[data-copy-of]")) {
  if (!navigator.clipboard) continue;
  const word = button.querySelector("[data-word]");
  const usual = word.textContent;
  const source = document.getElementById(button.dataset.copyOf);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      word.textContent = "Copied";
      said.textContent = `Copied: ${button.dataset.what}`;
    } catch {
      // The browser may forbid it; then the text is selected, and the person presses the keys.
      getSelection().selectAllChildren(source);
      said.textContent = "Selected. Press Ctrl+C to copy.";
    }
    setTimeout(() => { word.textContent = usual; said.textContent = ""; }, 2500);
  });
}
