// Shows while somebody types which rules are met; the server checks them all. Nothing leaves the page.
"use strict";
const password = document.getElementById("password");
const show = document.getElementById("show");
const minimum = Number(password.dataset.minimum);
const maximum = Number(password.dataset.maximum);
const rules = {
  length: (text) => {
    const length = Array.from(text.normalize("NFC")).length;
    return length >= minimum && length <= maximum;
  },
  letter: (text) => /\p{Alphabetic}/u.test(text),
  digit: (text) => /\p{N}/u.test(text),
  capital: (text) => /\p{Uppercase}/u.test(text),
  small: (text) => /\p{Lowercase}/u.test(text),
  symbol: (text) => /[^\p{Alphabetic}\p{N}]/u.test(text),
};
function look() {
  for (const item of document.querySelectorAll("[data-rule]")) {
    item.classList.toggle("met", rules[item.dataset.rule](password.value));
  }
}
password.addEventListener("input", look);
show.hidden = false;
show.addEventListener("click", () => {
  const shown = password.type === "password";
  password.type = shown ? "text" : "password";
  show.setAttribute("aria-pressed", String(shown));
  password.focus();
});
look();
