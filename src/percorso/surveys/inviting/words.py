"""The usual words of invitations in the three languages; a survey in another one uses English until somebody writes its own.

They are data of letters to customers, as the texts of templates are, and not words of the interface.
"""

from collections.abc import Mapping

from percorso.surveys.definition import told

Text = dict[str, str]
LANGUAGES = ("en", "pt-BR", "it")


def _say(english: str, portuguese: str, italian: str) -> Text:
    return dict(zip(LANGUAGES, (english, portuguese, italian), strict=True))


SUBJECT = _say(
    "{company} would like to know what you think",
    "{company} gostaria de saber a sua opinião",
    "{company} vorrebbe sapere cosa ne pensi",
)
# Of mails; the question, or a button, follows.
WORDS = _say(
    "Hello {customer.name|there},\n\nhow are we doing? Your answer takes a minute, and people read it.",
    "Olá, {customer.name|tudo bem}!\n\nComo estamos indo? Sua resposta leva um minuto e é lida por pessoas.",
    "Ciao {customer.name|a te}!\n\nCome stiamo andando? La tua risposta richiede un minuto e viene letta da persone.",
)
# Of text messages; the link follows.
SHORT = _say(
    "{company}: how are we doing? It takes a minute:",
    "{company}: como estamos indo? Leva um minuto:",
    "{company}: come stiamo andando? Basta un minuto:",
)
REMINDER_SUBJECT = _say("A reminder: {subject}", "Um lembrete: {subject}", "Un promemoria: {subject}")
REMINDER = _say(
    "We wrote to you a few days ago and have not heard from you yet. This is our reminder.",
    "Escrevemos há alguns dias e ainda não tivemos sua resposta. Este é o nosso lembrete.",
    "Ti abbiamo scritto qualche giorno fa e non abbiamo ancora avuto tue notizie. Questo è il nostro promemoria.",
)
SHORT_REMINDER = _say("A reminder.", "Um lembrete.", "Un promemoria.")
ANSWER = _say("Give your answer", "Responder", "Rispondi")
ONE_CLICK = _say(
    "Choose one: a page opens on which you can change it before you send it.",
    "Escolha uma opção: abre-se uma página em que você pode mudá-la antes de enviar.",
    "Scegli una risposta: si apre una pagina in cui puoi cambiarla prima di inviarla.",
)
ANONYMOUS = _say(
    "Your answers are anonymous: they are kept without your name and your address.",
    "Suas respostas são anônimas: ficam guardadas sem o seu nome e sem o seu endereço.",
    "Le tue risposte sono anonime: vengono conservate senza il tuo nome e il tuo indirizzo.",
)
PERSONAL = _say(
    "The link is yours alone and works until {day}.",
    "O link é só seu e funciona até {day}.",
    "Il link è solo tuo e funziona fino al {day}.",
)
NO_MORE = _say("Receive no more surveys", "Não receber mais pesquisas", "Non ricevere più sondaggi")
SHORT_NO_MORE = _say("No more:", "Não receber mais:", "Non ricevere più:")
SENT_BY = _say("Sent by {company}.", "Enviado por {company}.", "Inviato da {company}.")
TEST = _say(
    "This is a test. Its links open the preview, and nothing is counted.",
    "Este é um teste. Os links abrem a prévia e nada é contado.",
    "Questa è una prova. I link aprono l'anteprima e nulla viene contato.",
)
EXAMPLE_NAME = "Ana"


def usual(text: Mapping[str, str], language: str) -> str:
    """Return one of the texts above in a language, in English where there is none."""
    return told(text, language, "en")


def own_or_usual(own: Mapping[str, str], text: Mapping[str, str], language: str) -> str:
    """Return what was written for a language, or in the nearest one; the usual words where nothing was."""
    base = language.partition("-")[0]
    near = [key for key in own if key.partition("-")[0] == base]
    written = next((own[key].strip() for key in (language, *near) if own.get(key, "").strip()), "")
    return written or usual(text, language)
