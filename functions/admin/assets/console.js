// Small comforts; every page works without them.
document.documentElement.classList.add("scripted");

// The menu on a narrow screen.
for (const button of document.querySelectorAll("[data-opens]")) {
  const target = document.getElementById(button.dataset.opens);
  button.addEventListener("click", () => {
    const open = target.classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
}

// A button that copies what stands in another element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1500);
});

// A file that is chosen is read into a field of the form.
document.addEventListener("change", async (event) => {
  const input = event.target.closest("input[type=file][data-reads-into]");
  if (!input?.files.length) return;
  document.getElementById(input.dataset.readsInto).value = await input.files[0].text();
});

// A box that checks all boxes of its table.
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-checks-all]");
  if (!all) return;
  for (const box of all.closest("form, table").querySelectorAll(`input[name="${all.dataset.checksAll}"]`)) {
    box.checked = all.checked;
  }
});

// Parts of the page that are fetched anew every few seconds while they say so: all at once, and none
// that somebody is at.
function refresh() {
  const waits = [...document.querySelectorAll("[data-refreshes]")].map((part) => Number(part.dataset.refreshes));
  if (waits.length) setTimeout(refreshParts, 1000 * Math.min(...waits));
}
async function refreshParts() {
  try {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-refreshes]")) {
      const fresh = page.getElementById(part.id);
      const inUse = part.contains(document.activeElement) || part.querySelector("details[open]");
      if (fresh && !inUse) part.replaceWith(fresh);
    }
  } finally {
    refresh();
  }
}
refresh();

// One press is enough.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button) setTimeout(() => { button.disabled = true; }, 0);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});
