from percorso.i18n import mark
from percorso.surveys.bank._questions import page, recommend, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import RECOMMEND, say
from percorso.surveys.definition import Page

SERVICE = say(
    "How likely are you to recommend {company} to a friend or colleague based on your experience with our support?",
    "Em uma escala de 0 a 10, qual a probabilidade de você recomendar {company} a um amigo ou colega, considerando o nosso atendimento?",
    "Con quale probabilità, su una scala da 0 a 10, consiglieresti i nostri prodotti o servizi a un amico o collega, pensando all'assistenza?",
)
PRODUCT = say(
    "How likely are you to recommend {company} to a friend or colleague based on your experience with our product?",
    "Em uma escala de 0 a 10, qual a probabilidade de você recomendar {company} a um amigo ou colega, considerando o nosso produto?",
    "Con quale probabilità, su una scala da 0 a 10, consiglieresti i nostri prodotti o servizi a un amico o collega, pensando al prodotto?",
)
AFTER_SALES = say(
    "How likely are you to recommend {company} to a friend or colleague based on your experience with our after-sales?",
    "Em uma escala de 0 a 10, qual a probabilidade de você recomendar {company} a um amigo ou colega, considerando o nosso pós-venda?",
    "Con quale probabilità, su una scala da 0 a 10, consiglieresti i nostri prodotti o servizi a un amico o collega, pensando al post-vendita?",
)


class AspectNPS(Template):
    label = mark("NPS of company, service, product and after-sales")
    about = mark("Four indicators of their own: the company as a whole first, then what each part adds or costs.")
    indicators = ("nps_aspect", "nps")
    title = say("What would you recommend?", "O que você recomendaria?", "Che cosa consiglieresti?")

    def pages(self) -> list[Page]:
        return [
            page("company", recommend("nps_company", RECOMMEND, aspect="company"), why()),
            page(
                "parts",
                recommend("nps_service", SERVICE, aspect="service"),
                recommend("nps_product", PRODUCT, aspect="product"),
                recommend("nps_after_sales", AFTER_SALES, aspect="after_sales"),
            ),
        ]
