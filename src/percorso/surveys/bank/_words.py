"""Words that several surveys share, in the three languages; conventions and sources in docs/surveys.md."""

LANGUAGES = ("en", "pt-BR", "it")
Text = dict[str, str]


def say(english: str, portuguese: str, italian: str) -> Text:
    """Return a text in the three languages."""
    return dict(zip(LANGUAGES, (english, portuguese, italian), strict=True))


THANKS = say(
    "Thank you! Your answers help us to get better.",
    "Obrigado! Suas respostas nos ajudam a melhorar.",
    "Grazie! Le tue risposte ci aiutano a migliorare.",
)

RECOMMEND = say(
    "How likely are you to recommend {company} to a friend or colleague?",
    "Em uma escala de 0 a 10, qual a probabilidade de você recomendar {company} a um amigo ou colega?",
    "Con quale probabilità, su una scala da 0 a 10, consiglieresti i nostri prodotti o servizi a un amico o collega?",
)
UNLIKELY = say("Not at all likely", "Nada provável", "Per nulla probabile")
LIKELY = say("Extremely likely", "Extremamente provável", "Estremamente probabile")
WHY = say(
    "What is the main reason for your score?",
    "Qual é o principal motivo da sua nota?",
    "Qual è il motivo principale del tuo punteggio?",
)

SATISFACTION = {
    1: say("Very unsatisfied", "Muito insatisfeito", "Per niente soddisfatto"),
    2: say("Unsatisfied", "Insatisfeito", "Poco soddisfatto"),
    3: say("Neutral", "Neutro", "Neutrale"),
    4: say("Satisfied", "Satisfeito", "Abbastanza soddisfatto"),
    5: say("Very satisfied", "Muito satisfeito", "Molto soddisfatto"),
}
QUALITY = {
    1: say("Very bad", "Muito ruim", "Pessimo"),
    2: say("Bad", "Ruim", "Scarso"),
    3: say("Fair", "Regular", "Sufficiente"),
    4: say("Good", "Bom", "Buono"),
    5: say("Very good", "Muito bom", "Ottimo"),
}

DISAGREE = say("Strongly disagree", "Discordo totalmente", "Per niente d'accordo")
AGREE = say("Strongly agree", "Concordo totalmente", "Completamente d'accordo")
DIFFICULT = say("Very difficult", "Muito difícil", "Molto difficile")
EASY = say("Very easy", "Muito fácil", "Molto facile")
EASE = say(
    "How easy was it to solve your problem today?",
    "Quão fácil foi resolver seu problema hoje?",
    "Quanto è stato facile risolvere il tuo problema oggi?",
)
YES, NO = say("Yes", "Sim", "Sì"), say("No", "Não", "No")

IMPROVE = say(
    "What is the one thing that we should do better?",
    "Qual é a principal coisa que devemos melhorar?",
    "Qual è la cosa più importante che dovremmo migliorare?",
)
MORE = say(
    "Would you like to tell us more?",
    "Gostaria de contar um pouco mais?",
    "Vuoi raccontarci qualcosa di più?",
)
