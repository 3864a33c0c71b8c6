"""Connector `entreprises`: is a SIRET that of an active establishment? Asks the public API Recherche d'entreprises (no key)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from feel.text import text
from webhooks.connectors.connector import CallFailed, Context, text_of, unreachable
from webhooks.http import Answer, Unreachable, get

SYSTEM = "Recherche d’entreprises"
LA_POSTE = "356000000"


def verify_siret(given: Mapping[str, object], context: Context) -> object:
    """`{siret}` → `{siret, trouve, actif, nom, nature_juridique}`. Business error `SIRET_INVALID`: not 14 digits with a right key."""
    siret = "".join(text_of(given, "siret", maximum=40).split())
    if not is_siret(siret):
        raise CallFailed("SIRET_INVALID", text("Le SIRET « %(siret)s » n’est pas valide.", siret=siret), business=True)
    return _result(siret, _companies(siret, context))


def is_siret(value: str) -> bool:
    """Whether 14 digits hold the key of Luhn; La Poste's own establishments hold a multiple of 5 instead."""
    if len(value) != 14 or not (value.isascii() and value.isdigit()):
        return False
    digits = [int(digit) for digit in value]
    if value.startswith(LA_POSTE) and sum(digits) % 5 == 0:
        return True
    doubled = (2 * digit for digit in digits[0::2])
    return (sum(part - 9 if part > 9 else part for part in doubled) + sum(digits[1::2])) % 10 == 0


def _companies(siret: str, context: Context) -> list[Mapping[str, object]]:
    outside = context.outside
    try:
        answer = get(
            outside.entreprises_url,
            "/search",
            {"q": siret, "page": "1", "per_page": "5"},
            outside.limits,
            now=context.now,
        )
        return _read(answer)
    except Unreachable as error:
        raise unreachable(SYSTEM) from error


def _read(answer: Answer) -> list[Mapping[str, object]]:
    if answer.status != 200:
        raise unreachable(SYSTEM, retry_after=answer.retry_after)
    body = answer.json()
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise unreachable(SYSTEM)
    return results


def _result(siret: str, companies: list[Mapping[str, object]]) -> dict[str, object]:
    for company in companies:
        for establishment in _establishments(company):
            if establishment.get("siret") == siret:
                return {
                    "siret": siret,
                    "trouve": True,
                    "actif": establishment.get("etat_administratif") == "A",
                    "nom": company.get("nom_complet") or company.get("nom_raison_sociale"),
                    "nature_juridique": company.get("nature_juridique"),
                }
    return {"siret": siret, "trouve": False, "actif": False, "nom": None, "nature_juridique": None}


def _establishments(company: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The head office, then the establishments that matched the search."""
    matching = company.get("matching_etablissements")
    for each in (company.get("siege"), *(matching if isinstance(matching, list) else ())):
        if isinstance(each, dict):
            yield each
