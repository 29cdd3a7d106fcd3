from percorso.i18n import mark
from percorso.surveys.bank._questions import page
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import Text, say
from percorso.surveys.definition import Page, Question

# The 22 items of Parasuraman, Zeithaml and Berry (1988, 1991) by dimension, shortened so that both sides read the same.
DIMENSIONS: dict[str, tuple[Text, tuple[Text, ...]]] = {
    "tangibles": (say("Appearance", "Aparência", "Aspetto"), (
        say("has modern-looking equipment", "tem equipamentos de aparência moderna", "ha attrezzature dall'aspetto moderno"),
        say("has visually appealing premises", "tem instalações visualmente atraentes", "ha locali di aspetto gradevole"),
        say("has staff of neat appearance", "tem funcionários de boa apresentação", "ha personale dall'aspetto curato"),
        say("has appealing documents and materials", "tem documentos e materiais atraentes", "ha documenti e materiali gradevoli"),
    )),
    "reliability": (say("Reliability", "Confiabilidade", "Affidabilità"), (
        say("does what it promises by the time it promised", "cumpre o que promete no prazo prometido", "fa ciò che promette entro il tempo promesso"),
        say("shows a sincere interest in solving a customer's problem", "demonstra interesse sincero em resolver o problema do cliente", "mostra un sincero interesse a risolvere il problema del cliente"),
        say("gets the service right the first time", "acerta o serviço na primeira vez", "svolge bene il servizio al primo tentativo"),
        say("provides its services at the time that it says", "presta os serviços no momento combinado", "fornisce i servizi nel momento stabilito"),
        say("keeps records without errors", "mantém registros sem erros", "tiene registrazioni senza errori"),
    )),
    "responsiveness": (say("Responsiveness", "Presteza", "Capacità di risposta"), (
        say("tells customers exactly when services will be performed", "informa exatamente quando os serviços serão prestados", "dice ai clienti con precisione quando il servizio sarà svolto"),
        say("serves customers promptly", "atende os clientes com rapidez", "serve i clienti con prontezza"),
        say("has staff who are always willing to help", "tem funcionários sempre dispostos a ajudar", "ha personale sempre disposto ad aiutare"),
        say("has staff who are never too busy to respond", "tem funcionários que nunca estão ocupados demais para atender", "ha personale mai troppo occupato per rispondere"),
    )),
    "assurance": (say("Trust", "Confiança", "Fiducia"), (
        say("has staff who inspire confidence", "tem funcionários que inspiram confiança", "ha personale che ispira fiducia"),
        say("makes customers feel safe in their transactions", "faz os clientes se sentirem seguros nas transações", "fa sentire i clienti sicuri nelle transazioni"),
        say("has staff who are always courteous", "tem funcionários sempre corteses", "ha personale sempre cortese"),
        say("has staff who know the answers to customers' questions", "tem funcionários que sabem responder às perguntas dos clientes", "ha personale che sa rispondere alle domande dei clienti"),
    )),
    "empathy": (say("Empathy", "Empatia", "Empatia"), (
        say("gives customers individual attention", "dá atenção individual aos clientes", "dedica attenzione individuale ai clienti"),
        say("has opening hours that suit all its customers", "tem horários convenientes para todos os clientes", "ha orari comodi per tutti i clienti"),
        say("has staff who give personal attention", "tem funcionários que dão atenção pessoal", "ha personale che dà attenzione personale"),
        say("has the customers' best interests at heart", "coloca o interesse dos clientes em primeiro lugar", "ha a cuore l'interesse dei clienti"),
        say("understands the needs of its customers", "entende as necessidades dos seus clientes", "capisce le esigenze dei suoi clienti"),
    )),
}  # fmt: skip
EXPECTED = say(
    "an excellent company of this kind …", "uma empresa excelente do ramo …", "un'azienda eccellente del settore …"
)
PERCEIVED = say("{company} …", "A {company} …", "{company} …")
POINTS = range(1, 8)
SCALE = say(
    "1: strongly disagree; 7: strongly agree",
    "1: discordo totalmente; 7: concordo totalmente",
    "1: per niente d'accordo; 7: completamente d'accordo",
)


class Servqual(Template):
    label = mark("Service quality, expected and perceived (SERVQUAL)")
    about = mark("22 items twice: of an excellent company, then of you. What is missing between the two is the gap.")
    indicators = ("servqual_gap",)
    title = say("The quality of our service", "A qualidade do nosso serviço", "La qualità del nostro servizio")

    def pages(self) -> list[Page]:
        expected = say("What you expect", "O que você espera", "Che cosa ti aspetti")
        perceived = say("What you have experienced with us", "O que você viveu conosco", "Che cosa hai vissuto con noi")
        return [*_pages("expected", EXPECTED, expected), *_pages("perceived", PERCEIVED, perceived)]


def _pages(side: str, subject: Text, title: Text) -> list[Page]:
    """Return a page for each dimension; rows have the same ids on both sides, by which the answers are paired."""
    columns = [{"id": str(n), "score": n, "text": say(str(n), str(n), str(n))} for n in POINTS]
    made = []
    for key, (name, items) in DIMENSIONS.items():
        rows = [{"id": f"{key}_{n}", "text": text} for n, text in enumerate(items, start=1)]
        asked = Question(
            id=f"{side}_{key}", type="matrix", metric=f"servqual_{side}", pillar=key, required=True, help=SCALE,
            text={language: f"{name[language]}: {subject[language]}" for language in name},
            settings={"rows": rows, "columns": columns},
        )  # fmt: skip
        made.append(page(asked.id, asked, title=title))
    return made
