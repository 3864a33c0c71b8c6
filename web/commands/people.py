"""`tikub user` and `tikub token`: who may come in, people by password and programs by token."""

from __future__ import annotations

from datetime import timedelta

import click

from engine import people
from web.access import SCOPES
from web.commands.context import transaction

SHORTEST_PASSWORD = 12
"""Without rules on the kinds of characters (NIST SP 800-63B, section 3.1.1.2)."""
STATES = {"active": "valable", "expired": "expiré", "revoked": "révoqué"}
GROUPS = click.option("--group", "groups", multiple=True, help="Clé d’un groupe ; autant de fois que nécessaire.")


@click.group(help="Comptes des personnes.")
def user() -> None:
    """Accounts of people."""


@user.command(help="Crée un compte ; le mot de passe est demandé, ou lu sur l’entrée standard.")
@click.argument("email")
@click.option("--name", required=True, help="Nom affiché.")
@GROUPS
@click.password_option(help="Mot de passe ; demandé s’il manque.")
def create(email: str, name: str, groups: tuple[str, ...], password: str) -> None:
    """Create an account."""
    with transaction() as (session, now):
        people.create_user(session, email, name, _strong(password), groups=groups, now=now)
    click.echo(f"{email} peut se connecter.")


@user.command("list", help="Liste les comptes.")
def list_users() -> None:
    """One account a line."""
    with transaction() as (session, _):
        for each in people.users(session):
            click.echo(f"{each.email}\t{each.name}\t{', '.join(sorted(each.groups))}")


@user.command(help="Change le mot de passe d’un compte et ferme ses sessions.")
@click.argument("email")
@click.password_option(help="Mot de passe ; demandé s’il manque.")
def password(email: str, password: str) -> None:
    """Set a password."""
    with transaction() as (session, _):
        people.set_password(session, email, _strong(password))
    click.echo(f"Le mot de passe de {email} est changé.")


def _named(_: click.Context, __: click.Parameter, value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > 100:
        raise click.BadParameter("un nom de 1 à 100 caractères visibles est attendu")
    return value.strip()


@click.group(help="Jetons de l’API.")
def token() -> None:
    """Tokens of programs."""


@token.command("create", help="Crée un jeton et l’affiche, une seule fois, sur la dernière ligne.")
@click.argument("name", callback=_named)
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(sorted(SCOPES)), help="Ce qu’il ouvre."
)
@click.option("--user", "email", help="Compte au nom duquel il agit ; sans lui, il agit en son propre nom.")
@click.option("--days", type=click.IntRange(1, 3650), help="Nombre de jours de validité.")
def create_token(name: str, scopes: tuple[str, ...], email: str | None, days: int | None) -> None:
    """Create a token and print it on the last line."""
    with transaction() as (session, now):
        expires = now + timedelta(days=days) if days else None
        raw = people.create_token(session, name, scopes, user=email, expires_at=expires, now=now)
    click.echo(f"Jeton « {name} » ({', '.join(scopes)}), affiché cette seule fois :")
    click.echo(raw)


@token.command("list", help="Liste les jetons, sans leur valeur.")
def list_tokens() -> None:
    """One token a line: number, name, scopes, state."""
    with transaction() as (session, now):
        for each in people.tokens(session, now=now):
            click.echo(f"{each.id}\t{each.name}\t{', '.join(each.scopes)}\t{STATES[each.state]}")


@token.command(help="Révoque un jeton, par son numéro ou son nom.")
@click.argument("which", metavar="JETON")
def revoke(which: str) -> None:
    """Make a token useless."""
    with transaction() as (session, now):
        people.revoke_token(session, which, now=now)
    click.echo("Le jeton est révoqué.")


def _strong(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"le mot de passe compte au moins {SHORTEST_PASSWORD} caractères")
    return password
