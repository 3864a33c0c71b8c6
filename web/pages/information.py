"""Pages that inform: accessibility statement, personal data, legal notice, help."""

from flask import Blueprint

from web.rendering import page

blueprint = Blueprint("information", __name__)


@blueprint.get("/accessibilite")
def accessibility() -> str:
    """The accessibility statement that the law of 11 February 2005, article 47, asks for."""
    return page("information/accessibility.html")


@blueprint.get("/vos-donnees")
def personal_data() -> str:
    """What is kept about people, why and for how long."""
    return page("information/personal_data.html")


@blueprint.get("/mentions-legales")
def legal() -> str:
    """Who publishes and hosts the service."""
    return page("information/legal.html")


@blueprint.get("/aide")
def help_page() -> str:
    """How to find one's way."""
    return page("information/help.html")
