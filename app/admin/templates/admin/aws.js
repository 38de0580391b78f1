// A comfort: the text can be selected and the files loaded without it.
for (const button of document.querySelectorAll("[data-copy-of]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copyOf).textContent);
    const word = button.querySelector("[data-word]");
    word.textContent = "Copied";
    setTimeout(() => { word.textContent = "Copy"; }, 1500);
  });
}
