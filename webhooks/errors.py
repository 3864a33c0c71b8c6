"""What can be wrong with a delivery."""

from __future__ import annotations

from feel.text import Text, text


class WebhookError(Exception):
    """The delivery cannot be accepted."""

    text: Text = text("L’envoi ne peut pas être accepté.")

    def __init__(self, message: Text | None = None) -> None:
        self.text = message or type(self).text
        super().__init__(str(self.text))


class SignatureInvalid(WebhookError):
    """The signature is absent, malformed, of another secret, or its timestamp is too far from now."""

    text = text("La signature de l’envoi est absente ou incorrecte.")


class TimestampOutside(SignatureInvalid):
    """The signature may be right, but was made too long ago, or in the future."""

    text = text("L’horodatage de l’envoi est trop éloigné de l’heure de ce serveur.")


class BodyInvalid(WebhookError):
    """The body is not what this step expects."""

    text = text("Le corps de l’envoi n’est pas celui qui est attendu.")
