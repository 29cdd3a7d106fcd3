from percorso.i18n import mark
from percorso.surveys.bank._questions import page, rated
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import AGREE, DISAGREE, say
from percorso.surveys.definition import Page

# Brooke (1996), word for word; Portuguese after Tenório and others (2011), Italian after Borsci and others (2009).
ITEMS = (
    say(
        "I think that I would like to use this system frequently.",
        "Eu acho que gostaria de usar esse sistema com frequência.",
        "Penso che mi piacerebbe utilizzare questo sistema frequentemente.",
    ),
    say(
        "I found the system unnecessarily complex.",
        "Eu acho o sistema desnecessariamente complexo.",
        "Ho trovato il sistema inutilmente complesso.",
    ),
    say(
        "I thought the system was easy to use.",
        "Eu achei o sistema fácil de usar.",
        "Ho trovato il sistema molto semplice da usare.",
    ),
    say(
        "I think that I would need the support of a technical person to be able to use this system.",
        "Eu acho que precisaria de ajuda de uma pessoa com conhecimentos técnicos para usar o sistema.",
        "Penso che avrei bisogno del supporto di una persona già in grado di utilizzare il sistema.",
    ),
    say(
        "I found the various functions in this system were well integrated.",
        "Eu acho que as várias funções do sistema estão muito bem integradas.",
        "Ho trovato le varie funzionalità del sistema bene integrate.",
    ),
    say(
        "I thought there was too much inconsistency in this system.",
        "Eu acho que o sistema apresenta muita inconsistência.",
        "Ho trovato incoerenze tra le varie funzionalità del sistema.",
    ),
    say(
        "I would imagine that most people would learn to use this system very quickly.",
        "Eu imagino que as pessoas aprenderão como usar esse sistema rapidamente.",
        "Penso che la maggior parte delle persone potrebbe imparare a utilizzare il sistema facilmente.",
    ),
    say(
        "I found the system very cumbersome to use.",
        "Eu achei o sistema atrapalhado de usar.",
        "Ho trovato il sistema molto macchinoso da utilizzare.",
    ),
    say(
        "I felt very confident using the system.",
        "Eu me senti confiante ao usar o sistema.",
        "Ho avuto molta confidenza con il sistema durante l'uso.",
    ),
    say(
        "I needed to learn a lot of things before I could get going with this system.",
        "Eu precisei aprender várias coisas novas antes de conseguir usar o sistema.",
        "Ho avuto bisogno di imparare molti processi prima di riuscire a utilizzare al meglio il sistema.",
    ),
)


class Usability(Template):
    label = mark("System Usability Scale (SUS)")
    about = mark("Ten statements in their standard wording, good and bad ones in turn, made into a score of 0 to 100.")
    indicators = ("sus",)
    title = say("How usable is it?", "É fácil de usar?", "Quanto è facile da usare?")

    def pages(self) -> list[Page]:
        # The indicator reads q1 to q10 in this order; every second one is worded negatively.
        items = [
            rated(f"q{n}", text, metric="sus", low=DISAGREE, high=AGREE, highest=5)
            for n, text in enumerate(ITEMS, start=1)
        ]
        return [page("statements", *items)]
