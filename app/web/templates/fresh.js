// Browsers keep whole pages for the back button, no-store or not. After sign-out nobody shall find this one there.
addEventListener("pagehide", () => { document.body.hidden = true; });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
