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
COMMENT_WORDS = (
    "comment, comments, verbatim, feedback, free text, text, open answer, why, reason for score, review, description, "
    "ticket description, message, body, suggestion, suggestions, comentario, comentarios, observacao, observacoes, "
    "por que, motivo da nota, sugestao, sugestoes, mensagem, texto, descricao, relato, depoimento, commento, commenti, "
    "perche, osservazioni, suggerimenti, suggerimento, testo, messaggio, descrizione, motivazione"
)
MOMENT = (
    "at, timestamp, time, date, datetime, date time, created at, created, occurred at, event time, event timestamp, ts, "
    "data, data hora, data e hora, criado em, data e ora, data ora, creato il"
)
# Words for the columns of any other table. Only a column's whole name counts.
EVENTS = COMMON | {
    "id": "event id, message id, messageid, insert id, uuid",
    "at": MOMENT + ", original timestamp, sent at",
    "name": "event, event name, evento, nome do evento, nome evento, action, acao, azione",
    "identity": "anonymous id, anonymousid, visitor id, device id, cookie id",
    "session": "session id, session, sessao, sessione, visit id",
    "page": "page url, url, screen, path, pagina, tela, schermata",
    "device": "device type, dispositivo",
}
MENTIONS = COMMON | {
    "id": "review id, comment id, post id, mention id",
    "at": MOMENT + ", review date, published at, posted at, data da avaliacao, data recensione",
    "text": COMMENT_WORDS,
    "rating": "stars, score, review score, nota, estrelas, avaliacao, voto, stelle, valutazione, punteggio",
    "source": "origin, site, origem, fonte",
    "item": "product, product id, place, produto, prodotto",
    "customer": COMMON["customer"] + ", author, user name, autor, autore",
}
TICKET_EVENTS = COMMON | {
    "id": "event id, change id, audit id",
    "at": MOMENT,
    "ticket": "ticket id, ticket number, case id, chamado, id do chamado, id ticket",
    "kind": "type, event, event type, change, tipo, evento",
    "actor": "author, author type, by, autor, autore",
}
PROMISES = COMMON | {
    "id": "promise id, deadline id",
    "due_at": "due, due date, deadline, promised at, prazo, vencimento, scadenza",
    "kept_at": "kept, done at, done, completed at, delivered at, cumprido em, entregue em, fatto il",
    "kind": "type, promise, tipo",
    "ticket": "ticket id, chamado",
    "cancelled": "canceled, cancelado, annullato",
}
CONTACTS = COMMON | {
    "id": "call id, chat id, contact id, conversation id, id da chamada, id chiamata",
    "customer": COMMON["customer"].replace("contact id, ", ""),
    "queued_at": MOMENT + ", queued, started at, start time, entered queue at, inicio, inizio",
    "answered_at": "answered, picked up at, atendido em, atendida em, risposto il",
    "abandoned_at": "abandoned, hung up at, abandonado em, abbandonato il",
    "ended_at": "ended, end time, finished at, encerrado em, fim, fine, terminato il",
    "talk_seconds": "talk time, talk, tempo de conversa, tempo di conversazione",
    "hold_seconds": "hold time, hold, tempo de espera em linha, tempo in attesa",
    "wrap_seconds": "wrap up, wrap time, after call work, acw, pos atendimento",
    "handle_seconds": "handle time, handling time, aht, duration, tempo de atendimento, duracao, durata",
}
ORDERS = COMMON | {
    "id": "order id, order number, order, number, pedido, id do pedido, numero do pedido, ordine, id ordine",
    "at": MOMENT + ", order date, ordered at, placed at, purchased at, data do pedido, data da compra, data ordine",
    "amount": "total, total amount, order total, value, price, revenue, valor, valor total, total do pedido, importo, totale",
    "currency": "currency code, moeda, valuta",
    "status": "order status, state, situacao, stato",
    "product": "product name, category, sku, produto, categoria, prodotto",
    "carrier": "shipping company, transportadora, corriere",
    "promised_at": "promised, estimated delivery, estimated delivery date, entrega prometida, consegna prevista",
    "delivered_at": "delivered, delivery date, entregue em, data da entrega, consegnato il, data consegna",
}
SUBSCRIPTIONS = COMMON | {
    "id": "period id, row id",
    "started_at": "started, start, start date, begins at, inicio, data de inicio, inizio, data inizio",
    "ended_at": "ended, end, end date, canceled at, cancelled at, fim, data de fim, cancelado em, fine, data fine",
    "subscription": "subscription id, subscription number, assinatura, id assinatura, contract, abbonamento, id abbonamento",
    "plan": "plan name, product, plano, piano",
    "mrr": "monthly price, monthly amount, price, amount, valor mensal, mensalidade, canone, importo mensile",
    "currency": "currency code, moeda, valuta",
}
MESSAGES = COMMON | {
    "id": "message id, invitation id, email id",
    "at": MOMENT + ", sent at, sent, enviado em, inviato il",
    "campaign": "campaign name, campaign id, campanha, campagna",
    "purpose": "type, tipo, finalidade",
    "delivered_at": "delivered, entregue em, consegnato il",
    "bounced": "bounce",
    "clicked_at": "clicked, clicado em",
    "completed_at": "completed, finished at, concluido em",
    "unsubscribed_at": "unsubscribed, descadastrado em",
}
CASES = COMMON | {
    "id": "case id, case number, follow up id",
    "opened_at": MOMENT + ", opened, raised at, aberto em, aperto il",
    "first_contact_at": "first contact, contacted at, called back at, primeiro contato, primo contatto",
    "closed_at": "closed, fechado em, chiuso il",
    "kind": "type, reason, tipo, motivo",
    "response": "response id, answer id, resposta, risposta",
    "outcome": "result, resultado, esito",
}
CUSTOMERS = {
    "id": (
        "customer id, client id, user id, external id, contact id, member id, codigo, cliente id, id cliente, "
        "codigo cliente, codigo do cliente, cod cliente, codice cliente, id utente"
    ),
    "name": "full name, customer name, nome, nome completo, nome do cliente",
    "company": "company name, account, account name, organization, empresa, azienda",
    "created_at": "created, customer since, signed up at, signup date, cliente desde, data de cadastro, criado em, cliente dal",
    "country": "country code, pais, paese",
    "region": "state, province, uf, estado, regiao, regione, provincia",
    "language": COMMON["language"],
    "plan": "plan name, plano, piano",
    "segment": "segmento",
}
CENT_WORDS = "cents, cent, minor, minor units, centavos, centavo, centesimi, centesimo"
ROLE_WORDS = {
    "answers": ANSWERS, "tickets": TICKETS, "events": EVENTS, "mentions": MENTIONS, "ticket_events": TICKET_EVENTS,
    "promises": PROMISES, "contacts": CONTACTS, "orders": ORDERS, "subscriptions": SUBSCRIPTIONS, "messages": MESSAGES,
    "cases": CASES, "customers": CUSTOMERS,
}  # fmt: skip

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
    "enps": "enps, employee nps",
    "sps": "sps, partner satisfaction",
    "sus": "sus, system usability scale",
    "task_success": "task success, task done",
}  # fmt: skip
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
