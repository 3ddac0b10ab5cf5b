// Files of a task or of a line of its chat: pictures small, one of them large, anything else by its name.

import { h } from "./dom.js";

export function gallery(files) {
  const pictures = files.filter((file) => file.picture);
  return h("ul", { className: "gallery" }, files.map((file) => h("li", {}, file.picture ? small(file, pictures) : plain(file))));
}

function small(file, pictures) {
  const button = h("button", { type: "button", className: "thumb", onclick: () => large(pictures.indexOf(file), pictures) },
    h("img", { src: `api/files/${file.id}`, alt: "", loading: "lazy" }), h("span", { className: "thumb-name" }, file.name));
  button.setAttribute("aria-label", `Открыть фото ${file.name}`);
  button.dataset.key = `file${file.attachment ?? file.id}`;
  return button;
}

function plain(file) {
  return h("a", { className: "plain-file", href: `api/files/${file.id}`, download: file.name }, `${file.name}, ${Math.ceil(file.size / 1024)} КБ`);
}

function large(start, pictures) {
  let at = start;
  const image = h("img", { alt: "" });
  const name = h("span", { className: "viewer-name" });
  const show = (step) => {
    at = (at + step + pictures.length) % pictures.length;
    image.src = `api/files/${pictures[at].id}`;
    name.textContent = `${pictures[at].name} · ${at + 1} из ${pictures.length}`;
  };
  const dialog = h("dialog", { className: "viewer" });
  const turn = (title, step) => h("button", { className: "button", type: "button", disabled: pictures.length < 2, onclick: () => show(step) }, title);
  dialog.append(image, h("div", { className: "row" }, name, turn("Назад", -1), turn("Дальше", 1),
    h("button", { className: "button main", type: "button", onclick: () => dialog.close() }, "Закрыть")));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "ArrowLeft") show(-1);
    if (event.key === "ArrowRight") show(1);
  });
  show(0);
  document.body.append(dialog);
  dialog.showModal();
}
