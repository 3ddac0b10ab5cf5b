// The page after the installation: the portal is told that it is finished, by the library of Bitrix24 itself.
"use strict";

const button = document.querySelector("button");
const said = document.querySelector("[role=status]");
const ANSWER_MS = 8000;

function say(what) {
  said.textContent = said.dataset[what];
}

button.addEventListener("click", () => {
  if (typeof BX24 === "undefined") {
    say("noFrame");
    return;
  }
  button.disabled = true;
  const silent = setTimeout(() => {
    button.disabled = false;
    say("noFrame");
  }, ANSWER_MS);
  BX24.init(() => {
    clearTimeout(silent);
    say("finished");
    BX24.installFinish();
  });
});
