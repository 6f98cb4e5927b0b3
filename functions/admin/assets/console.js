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

// A file that is chosen is sent part by part, for a request takes no large one; what was pasted goes as a form does.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-sends-file]");
  const [file] = form?.querySelector("input[type=file]").files ?? [];
  if (!file) return;
  event.preventDefault();
  sendFile(form, file).catch((error) => {
    const told = form.querySelector("[data-told]");
    told.textContent = error.message;
    told.hidden = false;
    form.querySelector("progress").hidden = true;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  });
});
async function sendFile(form, file) {
  const progress = form.querySelector("progress");
  progress.max = file.size || 1;
  progress.value = 0;
  progress.hidden = false;
  form.querySelector("[data-told]").hidden = true;
  const begun = await post(form, form.action, "application/json", JSON.stringify({ name: file.name, size: file.size }));
  const here = `${form.action}/${begun.id}`;
  const size = Number(form.dataset.partSize);
  for (let part = 0; part * size < file.size; part += 1) {
    const bytes = await file.slice(part * size, (part + 1) * size).arrayBuffer().catch(() => {
      throw new Error("The file can no longer be read. Choose it again.");
    });
    await post(form, `${here}/parts/${part}`, "application/octet-stream", bytes);
    progress.value = Math.min((part + 1) * size, file.size);
  }
  await post(form, `${here}/sent`, "application/json", "{}");
  location.assign(here);
}
// Tried again a few times where the connection, and not the request, was at fault.
async function post(form, address, kind, body) {
  const headers = { Accept: "application/json", "Content-Type": kind, "x-csrf-token": form.elements.csrf.value };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(address, { method: "POST", headers, body }).catch(() => null);
    if (answer?.ok) return answer.json();
    if (answer && answer.status < 500) throw new Error((await answer.json()).detail ?? "The file was refused.");
    if (attempt === 4) throw new Error("The connection was lost. Send the file again.");
    await new Promise((again) => setTimeout(again, 500 * attempt));
  }
}

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
