/** All that runs on the page: the list of operations is narrowed down as one types, and wide screens have it open. */
export const SCRIPT = `
const narrow = matchMedia("(max-width: 60rem)");
const list = document.querySelector(".side details");
const fit = () => { list.open = !narrow.matches; };
narrow.addEventListener("change", fit);
fit();
const find = document.querySelector(".find");
find.hidden = false;
find.querySelector("input").addEventListener("input", ({ target }) => {
  const words = target.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const group of document.querySelectorAll(".side section")) {
    const items = [...group.querySelectorAll("li")];
    for (const item of items) item.hidden = !words.every((word) => item.dataset.text.includes(word));
    group.hidden = items.every((item) => item.hidden);
  }
});
`;
