// Elements of the page. False and undefined attributes are left out.
export function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children.filter((each) => each !== undefined));
  return made;
}

export function labelled(id, label, control, hint) {
  const parts = [make("label", { for: id }, label)];
  if (hint) {
    parts.push(make("p", { class: "ui-hint", id: `${id}-aide` }, hint));
    control.setAttribute("aria-describedby", `${id}-aide`);
  }
  return make("div", { class: "ui-field" }, ...parts, control);
}
