from percorso.i18n import mark
from percorso.surveys.bank._questions import chosen, page, satisfied, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import AGREE, DISAGREE, say
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Page, Question

HURDLES = [
    ("setup", say("Setting it up", "A configuração inicial", "La configurazione iniziale")),
    ("account", say("Signing up or signing in", "O cadastro ou o acesso", "La registrazione o l'accesso")),
    ("understanding", say("Understanding how it works", "Entender como funciona", "Capire come funziona")),
    ("data", say("Bringing in my own data", "Trazer os meus próprios dados", "Importare i miei dati")),
    ("team", say("Getting others on board", "Envolver outras pessoas", "Coinvolgere altre persone")),
    ("help", say("Getting help", "Conseguir ajuda", "Ricevere assistenza")),
]


class Onboarding(Template):
    label = mark("After the first weeks (onboarding)")
    about = mark("How new customers found the start, what was in their way, what they still miss.")
    indicators = ("csat", "ces")
    title = say("Your first weeks with us", "Suas primeiras semanas conosco", "Le tue prime settimane con noi")

    def pages(self) -> list[Page]:
        start = say(
            "How satisfied are you with your start with {company}?",
            "Quão satisfeito(a) você está com o seu início com a {company}?",
            "Quanto sei soddisfatto/a del tuo inizio con {company}?",
        )
        easy = say(
            "{company} made it easy for me to get started.",
            "A {company} facilitou o meu começo.",
            "{company} mi ha reso facile iniziare.",
        )
        hurdle = say(
            "What was the hardest part?", "Qual foi a parte mais difícil?", "Qual è stata la parte più difficile?"
        )
        other = say("Something else", "Outra coisa", "Qualcos'altro")
        missing = say("What do you still miss?", "O que ainda está faltando para você?", "Che cosa ti manca ancora?")
        effort = Question(
            id="easy_start", type="ces", text=easy, metric="ces", required=True,
            settings={"low": DISAGREE, "high": AGREE},
        )  # fmt: skip
        options = [{"id": key, "text": text} for key, text in HURDLES]
        return [
            page("start", satisfied("start", start), effort),
            page(
                "hurdle",
                chosen("hurdle", hurdle, options, settings={"other": True, "other_text": other}),
                when=Condition(question="easy_start", at_most=5),
            ),
            page("missing", why("missing", missing)),
        ]
