"""Accounts, groups, passwords, tokens and private links."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import links, passwords, people
from engine.errors import Conflict, NotFound, Unusable
from tests.engine.world import NOW, World
from tests.spiff.driver import chain, diagram, end, start, user

PLAIN = diagram(start(), user("u"), end(), chain("start", "u", "end"))


def test_an_account_is_found_by_its_address_whatever_the_case(world: World) -> None:
    made = world.do(people.create_user, " Nolwenn.Riou@Exemple.bzh ", "Nolwenn Riou", "secret", groups=["agents"], now=NOW)
    found = world.ask(people.find_by_email, "nolwenn.riou@EXEMPLE.BZH")
    assert found is not None
    assert (found.id, found.email, found.active) == (made, "nolwenn.riou@exemple.bzh", True)
    assert passwords.verify(found.password_hash, "secret")
    assert not passwords.verify(found.password_hash, "Secret")
    with pytest.raises(Conflict):
        world.do(people.create_user, "nolwenn.riou@exemple.bzh", "Autre", "secret", now=NOW)


@pytest.mark.parametrize(
    ("stored", "password"), [(None, "x"), ("", ""), ("", "nobody has this password"), (None, "nobody has this password")]
)
def test_without_a_password_nobody_comes_in(stored: str | None, password: str) -> None:
    assert passwords.verify(stored, password) is False


@pytest.mark.parametrize("email", ["", "@", "a@", "@b", "sans arobase", "a b@c", "a" * 260 + "@b.c"])
def test_an_account_needs_an_address(world: World, email: str) -> None:
    with pytest.raises(Unusable):
        world.do(people.create_user, email, "Nom", "secret", now=NOW)


def test_groups_give_roles(world: World) -> None:
    for group, role in (("administrateurs", "admin"), ("proprietaires", "owner"), ("operateurs", "operator"), ("jury", "jury")):
        assert role in world.person(group, group).roles
    assert world.person("Yann", "accueil").roles & {"admin", "owner", "operator", "jury"} == set()


def test_leaving_a_group_ends_what_it_allowed(world: World) -> None:
    actor = world.person("Yann", "operateurs")
    world.do(people.leave_group, actor.id, "operateurs")
    again = world.ask(people.actor_of_user, actor.id)
    assert again is not None
    assert "operator" not in again.roles


def test_a_token_is_shown_once_and_opens_until_it_is_revoked_or_expires(world: World) -> None:
    raw = world.do(people.create_token, "portail", ["messages"], expires_at=NOW + timedelta(days=1), now=NOW)
    found = world.ask(people.token_actor, raw, now=NOW)
    assert found is not None
    assert (found[0].kind, found[0].name, found[1]) == ("token", "portail", frozenset({"messages"}))
    assert raw not in str(world.ask(people.tokens, now=NOW))
    assert world.ask(people.token_actor, raw, now=NOW + timedelta(days=1)) is None
    for wrong in ("", raw[:-1], raw + "x", raw.upper()):
        assert world.ask(people.token_actor, wrong, now=NOW) is None
    world.do(people.revoke_token, "portail", now=NOW)
    assert world.ask(people.token_actor, raw, now=NOW) is None
    with pytest.raises(NotFound):
        world.do(people.revoke_token, "portail", now=NOW)


def test_a_token_of_a_person_acts_as_that_person(world: World) -> None:
    nolwenn = world.person("Nolwenn", "accueil")
    raw = world.do(people.create_token, "appli", ["tasks"], user=nolwenn.email, now=NOW)
    found = world.ask(people.token_actor, raw, now=NOW)
    assert found is not None
    assert (found[0].id, found[0].groups, found[0].roles) == (nolwenn.id, nolwenn.groups, nolwenn.roles)


def test_a_private_link_leads_to_its_case_alone(world: World) -> None:
    world.publish(PLAIN)
    case = world.start()
    raw = world.do(links.create, case.id, now=NOW)
    assert str(world.ask(links.instance_of, raw)) == case.id
    for wrong in ("", raw[:-1], raw.swapcase(), "é" * 43, "\ud800"):
        assert world.ask(links.instance_of, wrong) is None
    world.do(links.withdraw, case.id)
    assert world.ask(links.instance_of, raw) is None
    with pytest.raises(NotFound):
        world.do(links.create, "12", now=NOW)
