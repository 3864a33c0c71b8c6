"""The page of an error: what happened, that nothing changed, and where to go from here."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g

from feel.problems import Problem
from feel.text import Text, text
from web.rendering import page as render_page


@dataclass(frozen=True)
class Explanation:
    """What a status means to the person in front of the page."""

    title: Text
    message: Text
    advice: Text


EXPLANATIONS = {
    400: Explanation(
        text("Cette demande n’a pas été comprise"),
        text("Le formulaire a expiré ou l’adresse est incomplète. Rien n’a été changé."),
        text("Revenez à la page précédente, rechargez-la, puis recommencez."),
    ),
    401: Explanation(
        text("Connectez-vous pour voir cette page"),
        text("Cette page est réservée aux personnes qui ont un compte."),
        text("Après la connexion, vous y reviendrez."),
    ),
    403: Explanation(
        text("Cette page n’est pas pour votre compte"),
        text("Elle existe peut-être, mais votre rôle ne permet pas de l’ouvrir ni d’y agir. Rien n’a été changé."),
        text("Si vous devriez y avoir accès, demandez à la personne qui administre les comptes."),
    ),
    404: Explanation(
        text("Page introuvable"),
        text("L’adresse est fausse ou incomplète, ou ce qu’elle montrait a été retiré."),
        text("Vérifiez l’adresse, ou repartez de l’accueil."),
    ),
    405: Explanation(
        text("Cette action n’existe pas ici"),
        text("L’adresse ne se demande pas de cette façon. Rien n’a été changé."),
        text("Repartez de l’accueil."),
    ),
    409: Explanation(
        text("Quelqu’un est passé avant vous"),
        text("Ce que vous vouliez changer a été changé entre-temps. Rien n’a été fait une seconde fois."),
        text("Rechargez la page pour voir où les choses en sont."),
    ),
    410: Explanation(
        text("Ce lien ne sert plus"),
        text("Il a expiré, ou ce qu’il montrait est terminé."),
        text("Demandez un nouveau lien à la personne qui vous l’a envoyé."),
    ),
    413: Explanation(
        text("Ce fichier est trop lourd"),
        text("L’envoi dépasse la taille permise. Rien n’a été enregistré."),
        text("Réduisez le fichier ou envoyez-en moins à la fois, puis recommencez."),
    ),
    422: Explanation(
        text("Ces réponses ne peuvent pas être enregistrées"),
        text("Une partie de ce qui a été envoyé n’est pas acceptable. Rien n’a été changé."),
        text("Revenez au formulaire et corrigez ce qui est indiqué."),
    ),
    429: Explanation(
        text("Trop d’essais en peu de temps"),
        text("Pour protéger les comptes et le service, il faut attendre un peu."),
        text("Réessayez dans quelques minutes."),
    ),
    500: Explanation(
        text("Le service a rencontré un problème"),
        text("L’erreur vient de nous, pas de vous. Elle a été enregistrée et rien n’a été changé à moitié."),
        text("Réessayez dans quelques minutes. Si cela continue, écrivez-nous en donnant l’heure."),
    ),
    503: Explanation(
        text("Le service est occupé"),
        text("Il n’a pas pu traiter cette demande à temps. Rien n’a été changé."),
        text("Réessayez dans une minute."),
    ),
}


def page(status: int, message: Text | None = None, problems: Sequence[Problem] = ()) -> str:
    """The error as HTML. `message` says more than the status does; unknown statuses use 400 or 500."""
    g.own_tasks = g.get("own_tasks", 0)  # the database may be what failed
    explanation = EXPLANATIONS.get(status) or EXPLANATIONS[400 if status < 500 else 500]
    return render_page("errors/page.html", status=status, explanation=explanation, message=message, problems=problems)
