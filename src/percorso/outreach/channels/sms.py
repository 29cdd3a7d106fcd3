"""Text messages to mobile phones."""

from percorso.i18n import mark
from percorso.outreach.gateway import Gateway


class Sms(Gateway):
    """Short messages over the workspace's gateway; ten parts of a long one at most."""

    label = mark("SMS")
    about = mark("Text messages by a gateway of yours: percorso sends it a signed request for each.")
    icon = "phone"
    most_characters = 1530
    traits = ("mobile", "phone", "phone_number", "cellphone", "celular", "telefone", "cellulare", "telefono")
