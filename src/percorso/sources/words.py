"""What columns are called, in English, Portuguese and Italian."""

import re
import unicodedata

# Phrases without accents and capitals. A phrase that is the whole name says most; one inside a longer name less.
COMMON = {
    "customer": (
        "customer id, customer, client id, client, respondent id, respondent, user id, user, contact id, email, e mail, "
        "customer email, email address, external id, account id, contact, contact email, requester id, requester, "
        "requester email, caller, caller id, member id, cliente id, id cliente, cliente, codigo cliente, "
        "codigo do cliente, cod cliente, cpf, respondente, id respondente, usuario, id usuario, solicitante, "
        "email do cliente, endereco de email, codice cliente, id utente, utente, indirizzo email, email cliente, "
        "richiedente, intervistato"
    ),
    "channel": (
        "channel, source channel, via, medium, contact type, collector type, collection channel, ticket channel, canal, "
        "meio, canal de atendimento, canal de contato, canale, mezzo, canale di contatto, distribution channel"
    ),
    "touchpoint": "touchpoint, touch point, journey stage, ponto de contato, punto di contatto, etapa, fase, momento",
    "language": "language, user language, lang, locale, idioma, lingua, linguagem",
    "team": (
        "team, group, group name, assignment group, department, queue, squad, equipe, time responsavel, grupo, setor, "
        "departamento, area, gruppo, reparto, squadra, ufficio"
    ),
    "agent": (
        "agent, assignee, assignee name, assigned to, owner, representative, employee, agent name, atendente, agente, "
        "responsavel, vendedor, operador, operatore, assegnato a, addetto"
    ),
}

ANSWERS = COMMON | {
    "id": (
        "response id, responseid, answer id, submission id, record id, id, uuid, token, response number, # , "
        "id resposta, id da resposta, codigo resposta, identificador, numero da resposta, protocolo, id risposta, "
        "codice risposta, identificativo, respnum, entry id, feedback id, survey response id, review id"
    ),
    "at": (
        "date, submitted at, submitted, submit date, submission date, response date, answered at, answer date, "
        "completed at, completed, completion time, end date, enddate, recorded date, recordeddate, created at, "
        "date submitted, created, timestamp, time, datetime, date time, survey date, feedback date, review date, "
        "carimbo de data hora, data, data da resposta, data resposta, data hora, respondido em, data de envio, enviado em, "
        "criado em, data de criacao, data da pesquisa, data da avaliacao, data risposta, data della risposta, "
        "data e ora, data ora, data invio, data compilazione, informazioni cronologiche, inviato il, compilato il, creato il"
    ),
    "survey": "survey, survey name, survey id, questionnaire, form, pesquisa, nome da pesquisa, questionario, sondaggio",
    "interaction": (
        "order id, order, order number, ticket id, ticket, ticket number, case id, transaction id, visit id, "
        "pedido, id do pedido, id pedido, numero do pedido, numero pedido, chamado, ordine, id ordine, numero ordine, "
        "numero d ordine, codigo do pedido, protocolo de atendimento"
    ),
    "invitation": "invitation id, invitation, invite id, convite, id convite, invito, id invito",
    "population": "population, respondent type, populacao, publico, popolazione, tipo di rispondente",
    "weight": "weight, survey weight, peso, ponderacao, fator de ponderacao, ponderazione",
}  # fmt: skip

TICKETS = COMMON | {
    "id": (
        "ticket id, id, ticket number, number, ticket, case id, case number, case, incident number, incident, "
        "conversation id, request id, issue key, key, protocolo, numero do protocolo, chamado, numero do chamado, "
        "id do chamado, id chamado, ticket no, numero ticket, id ticket, numero richiesta, segnalazione, id segnalazione"
    ),
    "opened_at": (
        "created at, created, opened at, opened, open date, creation date, created date, date created, ticket created, "
        "submitted at, submitted, received at, start time, sys created at, initially created, created time, opened time, "
        "date opened, aberto em, data de abertura, data abertura, abertura, criado em, data de criacao, data criacao, "
        "aperto il, data apertura, data di apertura, apertura, creato il, data creazione, data di creazione"
    ),
    "first_reply_at": (
        "first reply at, first reply, first response at, first response, first response time, first responded at, "
        "initially responded, first reply date, first response date, responded at, primeira resposta, primeira resposta em, "
        "data primeira resposta, data da primeira resposta, prima risposta, data prima risposta, prima risposta il"
    ),
    "resolved_at": (
        "resolved at, resolved, resolution date, solved at, solved, time to resolution, resolution time, date resolved, "
        "resolved time, initially solved, resolvido em, data de resolucao, data resolucao, solucionado em, data de solucao, "
        "risolto il, data risoluzione, data di risoluzione"
    ),
    "closed_at": (
        "closed at, closed, close date, date closed, closed time, end time, fechado em, data de fechamento, "
        "data fechamento, encerrado em, data de encerramento, encerramento, chiuso il, data chiusura, data di chiusura"
    ),
    "first_reply_due_at": (
        "first reply due at, first reply due, first response due, fr due by, first response due by, "
        "prazo da primeira resposta, prazo primeira resposta, scadenza prima risposta"
    ),
    "sla_due_at": (
        "sla due at, sla due, due at, due date, due by, due, deadline, resolution due, resolution due by, sla deadline, "
        "prazo, vencimento, data de vencimento, prazo sla, prazo de resolucao, scadenza, data scadenza, termine"
    ),
    "status": "status, state, ticket status, incident state, situacao, estado, stato, stato ticket",
    "priority": "priority, ticket priority, urgency, severity, prioridade, urgencia, severidade, priorita, urgenza, gravita",
    "topic": (
        "topic, subject, category, type, ticket type, issue type, reason, contact reason, tag, ticket subject, assunto, "
        "categoria, motivo, tipo, tipo de chamado, tema, oggetto, argomento, tipologia"
    ),
    "reopens": "reopens, reopen count, reopened, times reopened, reaberturas, reaberto, riaperture, riaperto",
    "replies": "replies, reply count, number of replies, agent replies, respostas, numero de respostas, risposte, numero risposte",
    "escalated": "escalated, escalation, escalation flag, is escalated, escalado, escalonado, escalonamento, scalato",
    "initiated_by": "initiated by, opened by type, iniciado por, iniziato da",
}  # fmt: skip
ROLE_WORDS = {"answers": ANSWERS, "tickets": TICKETS}

METRIC_WORDS = {
    "nps": (
        "nps, net promoter, netpro, net promoter score, recommend, recommendation, likely to recommend, how likely, "
        "likelihood to recommend, recomendar, recomendaria, recomendacao, indicaria, indicar, probabilidade, "
        "quao provavel, consigliare, consiglierebbe, consiglieresti, raccomanderebbe, raccomandare, quanto e probabile, "
        "probabilita"
    ),
    "ces": (
        "ces, effort, customer effort, ease, how easy, easy, esforco, facilidade, facil, sforzo, facilita, facile, "
        "quanto e stato facile"
    ),
    "csat": (
        "csat, satisfaction, satisfied, customer satisfaction, satisfaction rating, score, rating, grade, stars, overall, "
        "review score, nota, notas, avaliacao, satisfacao, satisfeito, pontuacao, estrelas, classificacao, voto, "
        "valutazione, punteggio, soddisfazione, soddisfatto, stelle, giudizio"
    ),
    "fcr": "fcr, first contact resolution, solved first time, resolvido no primeiro contato, risolto al primo contatto",
}  # fmt: skip
COMMENT_WORDS = (
    "comment, comments, verbatim, feedback, free text, text, open answer, why, reason for score, review, description, "
    "ticket description, message, body, suggestion, suggestions, comentario, comentarios, observacao, observacoes, "
    "por que, motivo da nota, sugestao, sugestoes, mensagem, texto, descricao, relato, depoimento, commento, commenti, "
    "perche, osservazioni, suggerimenti, suggerimento, testo, messaggio, descrizione, motivazione"
)
DURATION_WORDS = {
    "first_reply_after": (
        "first reply time, first response time, first reply after, frt, tempo de primeira resposta, "
        "tempo primeira resposta, tempo ate primeira resposta, tempo di prima risposta, tempo prima risposta"
    ),
    "resolved_after": (
        "resolution time, full resolution time, time to resolution, time to resolve, handle time, ttr, "
        "tempo de resolucao, tempo resolucao, tempo di risoluzione, tempo risoluzione"
    ),
}  # fmt: skip
UNIT_WORDS = {
    "seconds": "seconds, second, secs, sec, s, segundos, segundo, seg, secondi, secondo",
    "minutes": "minutes, minute, mins, min, m, minutos, minuto, minuti",
    "hours": "hours, hour, hrs, hr, h, horas, hora, ore, ora",
    "days": "days, day, d, dias, dia, giorni, giorno",
}
PORTUGUESE = (
    "de do da dos das em pesquisa resposta cliente nota data idioma canal abertura comentario satisfacao hora voce qual"
)
ITALIAN = (
    "di del della il la risposta cliente voto data lingua canale apertura commento soddisfazione ora quanto come perche"
)


def plain(name: str) -> tuple[str, ...]:
    """Return a column's name as words: without accents and capitals, cut at signs and inside camelCase.

    Examples
    --------
    >>> plain("Data de Criação"), plain("firstReplyAt"), plain("NPS_Score ")
    (('data', 'de', 'criacao'), ('first', 'reply', 'at'), ('nps', 'score'))
    """
    text = unicodedata.normalize("NFKD", name)
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return tuple(re.findall(r"[a-z0-9]+", text.casefold()))


def phrases(listed: str) -> tuple[tuple[str, ...], ...]:
    """Return a comma-separated list as tuples of words."""
    return tuple(tuple(phrase.split()) for phrase in listed.split(","))


def likeness(words: tuple[str, ...], listed: str) -> float:
    """Return how well a name's words match one of the phrases: 0.95 as a whole, 0.45 to 0.85 as a part, else 0.

    Examples
    --------
    >>> likeness(("nota",), "nota, voto"), round(likeness(("sua", "nota", "geral"), "nota"), 2), likeness(("id",), "nota")
    (0.95, 0.58, 0.0)
    """
    best = 0.0
    for phrase in phrases(listed):
        if phrase == words:
            return 0.95
        size = len(phrase)
        if phrase and any(words[i : i + size] == phrase for i in range(len(words) - size + 1)):
            best = max(best, 0.45 + 0.4 * size / len(words))
    return best


def language_of(names: list[str]) -> str | None:
    """Return ``pt`` or ``it`` when the column names are mostly in Portuguese or Italian."""
    words = {word for name in names for word in plain(name)}
    pt, it = (len(words & set(listed.split())) for listed in (PORTUGUESE, ITALIAN))
    return None if max(pt, it) < 2 else ("pt" if pt >= it else "it")
