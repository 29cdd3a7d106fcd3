from percorso.i18n import mark
from percorso.surveys.bank._questions import chosen, page, satisfied, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import say
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Page

REASONS = [
    ("price", say("It costs too much", "O preço é alto demais", "Costa troppo")),
    ("missing", say("Something that I need is missing", "Falta algo de que preciso", "Manca qualcosa che mi serve")),
    ("quality", say("It did not work well enough", "Não funcionou bem o suficiente", "Non funzionava abbastanza bene")),
    ("support", say("The support did not help me", "O atendimento não me ajudou", "L'assistenza non mi ha aiutato")),
    ("difficult", say("It was too difficult to use", "Era difícil demais de usar", "Era troppo difficile da usare")),
    ("competitor", say("I chose another provider", "Escolhi outro fornecedor", "Ho scelto un altro fornitore")),
    ("no_need", say("I no longer need it", "Não preciso mais", "Non ne ho più bisogno")),
]


class Cancellation(Template):
    label = mark("After a cancellation")
    about = mark("Why customers leave, and what would bring them back. Send it on the day that they cancel.")
    indicators = ("csat",)
    title = say("Before you go", "Antes de você ir", "Prima che tu vada")
    thanks = say(
        "Thank you for telling us. You are welcome back at any time.",
        "Obrigado por nos contar. Você será sempre bem-vindo(a) de volta.",
        "Grazie per avercelo detto. Se vorrai tornare, ci farà piacere.",
    )

    def pages(self) -> list[Page]:
        reason = say(
            "What is the main reason why you are leaving?",
            "Qual é o principal motivo da sua saída?",
            "Qual è il motivo principale per cui ci lasci?",
        )
        which = say(
            "Which provider did you choose, and what convinced you?",
            "Qual fornecedor você escolheu e o que convenceu você?",
            "Quale fornitore hai scelto e che cosa ti ha convinto?",
        )
        other = say("Another reason", "Outro motivo", "Un altro motivo")
        back = say("What would bring you back?", "O que faria você voltar?", "Che cosa ti farebbe tornare?")
        overall = say(
            "How satisfied were you with {company} overall?",
            "De modo geral, quão satisfeito(a) você ficou com a {company}?",
            "Nel complesso, quanto sei stato/a soddisfatto/a di {company}?",
        )
        options = [{"id": key, "text": text} for key, text in REASONS]
        return [
            page(
                "reason",
                chosen("reason", reason, options, required=True, settings={"other": True, "other_text": other}),
            ),
            page("other_provider", why("which", which), when=Condition(question="reason", among=["competitor"])),
            page("back", why("back", back), satisfied("overall", overall, required=False)),
        ]
