// What bpmn-js says, in French; its own words are English. `missing` lists what the dictionary lacks.
import fr from "./fr.json";

export const missing = new Set();
const french = document.documentElement.lang === "fr";

function translate(template, values = {}) {
  if (french && !(template in fr)) missing.add(template);
  const said = french ? fr[template] ?? template : template;
  return said.replace(/{([^}]+)}/g, (whole, key) => values[key] ?? whole);
}

export default { translate: ["value", translate] };

// What our own page says, in the language of the page.
export const say = JSON.parse(document.getElementById("atelier-donnees").dataset.words);
export const fill = (template, values) => template.replace(/{(\w+)}/g, (whole, key) => values[key] ?? whole);
