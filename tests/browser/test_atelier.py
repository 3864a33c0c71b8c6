"""The modeler as an owner of processes uses it: with the mouse, with the keyboard alone, and two at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_imports import bring

pytestmark = pytest.mark.browser

OWNER = "gwenola.lebras@exemple.bzh"
PROCESS = "iteration_demo"
CANVAS = "#dessin"
ROOT = Path(__file__).resolve().parents[2]
SELECT = """type => {
  const modeler = atelier.modeler, element = modeler.get("elementRegistry").find((each) => each.type === `bpmn:${type}` && !each.labelTarget);
  modeler.get("canvas").setRootElement(modeler.get("canvas").findRoot(element));
  modeler.get("selection").select(element);
}"""


def modify(page: Page, key: str = PROCESS) -> str:
    """A new draft of a process in the modeler; its address."""
    page.goto(f"/processus/{key}")
    page.get_by_role("button", name="Modifier ce processus").click()
    page.wait_for_url("**/atelier*")
    return ready(page)


def ready(page: Page) -> str:
    expect(page.locator(f"{CANVAS}[data-ready]")).to_be_visible()
    return page.url


def outline(page: Page) -> Page:
    return page.locator("#parcours")  # type: ignore[return-value]


def saved(page: Page, revision: int) -> None:
    expect(page.locator("[data-revision]")).to_have_text(str(revision))


def content(page: Page) -> bytes:
    """The diagram as the server keeps it."""
    address = page.locator(CANVAS).get_attribute("data-diagram-source")
    return page.request.get(str(address)).body()


def first_task(page: Page) -> str:
    found = page.evaluate("atelier.modeler.get('elementRegistry').find((each) => each.type === 'bpmn:UserTask').id")
    return str(found)


def test_a_step_is_added_mended_and_saved_with_the_keyboard_alone(open_page: Callable[..., Page], axe: Callable[..., list[str]]) -> None:
    page = open_page()
    sign_in(page, OWNER)
    address = modify(page)
    assert axe(page, CANVAS) == []
    task = first_task(page)
    outline(page).locator(f"[data-select={task}]").first.press("Enter")
    name = page.get_by_label("Nom", exact=True)
    expect(name).to_be_focused()
    expect(outline(page).locator(f"[data-select={task}]").first).to_have_attribute("aria-current", "true")

    page.get_by_role("combobox", name="Ajouter après").select_option("Décision")
    page.get_by_role("button", name="Ajouter : Ajouter après").press("Enter")
    expect(name).to_be_focused()
    expect(page.get_by_label("Décision", exact=True)).to_be_visible()
    page.keyboard.type("Noter un essai")
    page.keyboard.press("Tab")
    problems = page.locator("#problemes")
    step = problems.get_by_role("button", name="Noter un essai")
    expect(step.first).to_be_visible()
    expect(problems).to_contain_text("Renseignez la propriété « decisionKey ».")
    expect(page.locator(f"{CANVAS} .ui-flaw--error")).to_have_count(1)
    expect(outline(page).locator(".is-wrong")).to_contain_text("Noter un essai")
    assert axe(page, CANVAS) == []

    step.first.press("Enter")
    expect(name).to_be_focused()
    other = page.get_by_role("combobox", name="Relier à")
    last = other.locator("option").last.inner_text()
    other.select_option(last)
    page.get_by_role("button", name="Relier : Relier à").press("Enter")
    expect(page.locator("#etat")).to_have_text(re.compile("Enregistré"))
    assert "Noter un essai" in content(page).decode()

    page.get_by_role("button", name="Supprimer « Noter un essai »").press("Enter")
    expect(page.get_by_role("heading", name="L’élément choisi")).to_be_focused()
    expect(outline(page)).not_to_contain_text("Noter un essai")
    page.goto(address)
    ready(page)
    expect(outline(page)).not_to_contain_text("Noter un essai")


def test_a_whole_process_is_drawn_from_its_text(open_page: Callable[..., Page], axe: Callable[..., list[str]]) -> None:
    page = open_page()
    sign_in(page, OWNER)
    modify(page)
    panel = page.locator("#panneau")

    def act(label: str, choice: str) -> None:
        box = panel.get_by_role("combobox", name=label)
        box.select_option(choice)
        box.locator("xpath=following-sibling::button").press("Enter")

    def name(said: str) -> None:
        expect(page.get_by_label("Nom", exact=True)).to_be_focused()
        page.keyboard.type(said)
        page.keyboard.press("Tab")

    task = first_task(page)
    outline(page).locator(f"[data-select={task}]").first.press("Enter")
    act("Attacher à l’étape", "Échéance")
    name("Deux jours ont passé")
    page.get_by_label("Valeur").fill("P2D")
    expect(page.locator(".ui-timer")).to_contain_text("si l’attente commençait maintenant")
    act("Ajouter après", "Service extérieur")
    name("Chercher l’entreprise")
    page.get_by_label("Connecteur", exact=True).select_option("entreprises")
    expect(panel).to_contain_text("Obligatoire. Expression FEEL.")
    page.get_by_label("siret").fill("siret_saisi")
    page.keyboard.press("Tab")
    page.get_by_label("Variable du résultat").fill("entreprise")
    act("Ajouter après", "Fin")
    name("Relancée")
    expect(outline(page)).to_contain_text("Relancée")
    expect(page.locator("#problemes")).to_contain_text("Rien n’empêche la publication.")
    assert axe(page, CANVAS) == []
    kept = content(page).decode()
    assert 'name="connectorInput" value="{ siret: siret_saisi }"' in kept
    assert re.search(r'<bpmn:boundaryEvent [^>]*name="Deux jours ont passé"[^>]*attachedToRef="' + task, kept)

    outline(page).get_by_role("button", name="Chercher l’entreprise").press("Enter")
    expect(page.get_by_label("siret")).to_have_value("siret_saisi")
    panel.get_by_role("button", name="vers Relancée").press("Enter")
    expect(page.get_by_label("Condition")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Supprimer")).press("Enter")
    outline(page).get_by_role("button", name="Relancée").press("Enter")
    page.get_by_role("button", name="Supprimer « Relancée »").press("Enter")
    outline(page).get_by_role("button", name="Chercher l’entreprise").press("Enter")
    act("Changer en", "Calcul")
    expect(page.get_by_label("Calcul")).to_be_visible()
    expect(panel.locator(".ui-atelier__flaw").first).to_be_visible()
    assert axe(page, CANVAS) == []
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(page.get_by_label("Calcul")).to_have_count(0)


def test_lanes_and_loose_steps_need_no_mouse(open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, OWNER)
    modify(page, "incubation_tikub")
    outline(page).locator("h3 button").first.press("Enter")
    page.get_by_role("combobox", name="Ajouter dedans").select_option("Tâche à la main")
    page.get_by_role("button", name="Ajouter : Ajouter dedans").press("Enter")
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()
    page.keyboard.type("Une étape à part")
    lanes = page.get_by_role("combobox", name="Passer au couloir")
    lane = lanes.locator("option").first.inner_text()
    page.get_by_role("button", name="Déplacer : Passer au couloir").press("Enter")
    expect(page.locator("#etat")).to_contain_text(re.compile("Enregistr|Dans le couloir"))
    expect(outline(page)).to_contain_text("Une étape à part")
    expect(outline(page).locator("li", has_text="Une étape à part").last).to_contain_text(f"par {lane}")


def test_what_is_undone_is_byte_for_byte_what_it_was(open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, OWNER)
    modify(page)
    before = content(page)
    assert before == (ROOT / "processes" / PROCESS / f"{PROCESS}.bpmn").read_bytes()
    page.locator(f"#parcours [data-select={first_task(page)}]").first.click()
    page.get_by_label("Nom", exact=True).fill("Autrement")
    saved(page, 2)
    expect(outline(page)).to_contain_text("Autrement")
    assert b"Autrement" in content(page)
    page.get_by_role("button", name="Annuler", exact=True).click()
    saved(page, 3)
    expect(page.get_by_label("Nom", exact=True)).not_to_have_value("Autrement")
    assert content(page) == before
    page.get_by_role("button", name="Rétablir").click()
    saved(page, 4)
    assert b"Autrement" in content(page)


def test_the_second_owner_is_told_and_keeps_their_version(open_page: Callable[..., Page], axe: Callable[..., list[str]]) -> None:
    first, second = open_page(), open_page()
    sign_in(first, OWNER)
    sign_in(second, OWNER)
    address = modify(first)
    second.goto(address)
    ready(second)
    task = first_task(first)
    for page, name in ((first, "La première"), (second, "La seconde")):
        page.locator(f"#parcours [data-select={task}]").first.click()
        page.get_by_label("Nom", exact=True).fill(name)
        if page is first:
            saved(first, 2)
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("a enregistré ce brouillon entre-temps (révision 2)")
    assert axe(second, CANVAS) == []
    kept = content(first).decode()
    assert "La première" in kept
    assert "La seconde" not in kept
    with second.expect_download() as download:
        second.get_by_role("button", name="Garder ma version dans un fichier").click()
    assert "La seconde" in Path(download.value.path()).read_text()


def test_fields_write_what_the_checker_reads(open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, OWNER)
    modify(page)
    task = first_task(page)
    page.locator(f"#parcours [data-select={task}]").first.click()
    page.get_by_label("Formulaire", exact=True).select_option(label="— aucun —")
    page.get_by_label("À faire dans").fill("P14D")
    expect(page.locator(".ui-timer")).to_contain_text("si l’attente commençait maintenant")
    page.get_by_label("Priorité").fill("haute")
    expect(page.locator("#problemes")).to_contain_text("La priorité doit être un nombre entier.")
    page.get_by_label("Priorité").fill("80")
    page.keyboard.press("Tab")
    expect(page.locator("#problemes")).not_to_contain_text("La priorité")
    kept = content(page).decode()
    assert '<spiffworkflow:property name="dueIn" value="P14D" />' in kept
    assert '<spiffworkflow:property name="priority" value="80" />' in kept


def test_what_changes_is_read_before_it_is_published_and_can_be_taken_back(
    open_page: Callable[..., Page], axe: Callable[..., list[str]]
) -> None:
    page = open_page()
    sign_in(page, OWNER)
    bring(page, "camunda8-commande.bpmn")
    page.get_by_role("link", name="Ouvrir l’atelier").click()
    ready(page)
    page.get_by_role("link", name="Relire et publier").click()
    expect(page.get_by_role("main")).to_contain_text("Ce processus est nouveau.")
    page.get_by_role("button", name="Publier maintenant").click()
    page.wait_for_url("**/processus/*")
    process = page.url.rpartition("/")[2]

    modify(page, process)
    step = outline(page).get_by_role("button").nth(1)
    step.click()
    page.get_by_label("Nom", exact=True).fill("Une étape renommée")
    # The link waits for what is not saved yet.
    page.get_by_role("link", name="Relire et publier").click()
    page.wait_for_url("**/publication")
    diagram = page.get_by_role("region", name=re.compile("Schéma"))
    expect(diagram).to_have_attribute("data-ready", "1")
    expect(diagram.locator(".is-changed")).to_have_count(1)
    assert axe(page) == []
    page.get_by_role("link", name=re.compile("^Une étape renommée")).click()
    expect(diagram).to_be_focused()
    page.get_by_role("button", name="Publier maintenant").click()
    page.wait_for_url(f"**/processus/{process}")
    page.get_by_role("link", name="Revenir à cette version 1").click()
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    page.get_by_role("button", name="Revenir à la version 1").click()
    page.wait_for_url(f"**/processus/{process}")
    expect(page.get_by_role("main")).to_contain_text("Version 3")
    expect(page.get_by_role("main")).not_to_contain_text("Une étape renommée")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_rules_are_tried_before_they_are_saved(
    open_page: Callable[..., Page], axe: Callable[..., list[str]], width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    sign_in(page, OWNER)
    modify(page, "incubation_tikub")
    page.get_by_role("link", name="capacite_tikub.dmn").click()
    page.wait_for_url("**/decisions/*")
    assert axe(page) == []
    page.get_by_role("button", name=re.compile("Essayer ces valeurs|Calculer")).last.click()
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.locator("tr.is-on").first).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_role("main")).to_contain_text("La décision est enregistrée dans le brouillon.")
    expect(page.get_by_role("main")).to_contain_text("Révision 1")


@pytest.mark.parametrize("key", sorted(folder.name for folder in (ROOT / "processes").iterdir() if folder.is_dir()))
def test_every_process_opens_in_french_and_saves_nothing_by_itself(open_page: Callable[..., Page], key: str) -> None:
    page = open_page()
    sign_in(page, OWNER)
    modify(page, key)
    page.wait_for_timeout(1_500)
    saved(page, 1)
    expect(page.locator("#problemes")).to_contain_text("Rien n’empêche la publication.")
    page.locator(f"{CANVAS} .djs-container > svg").focus()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").or_(page.locator(".djs-popup"))).to_be_visible()
    assert page.evaluate("[...atelier.missing]") == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (320, "light"), (768, "dark")])
def test_the_modeler_is_accessible(open_page: Callable[..., Page], axe: Callable[..., list[str]], width: int, scheme: str) -> None:
    page = open_page(width=width, scheme=scheme)
    sign_in(page, OWNER)
    modify(page, "incubation_tikub")
    assert axe(page, CANVAS) == []
    for step in ("UserTask", "ServiceTask", "StartEvent", "BoundaryEvent", "ExclusiveGateway", "SequenceFlow", "Lane", "Participant"):
        page.evaluate(SELECT, step)
        expect(page.get_by_label("Nom", exact=True)).to_be_visible()
        assert axe(page, CANVAS) == [], step
    page.get_by_text("Au clavier").click()
    assert axe(page, CANVAS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
