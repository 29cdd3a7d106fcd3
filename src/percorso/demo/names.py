"""Names of people and companies, by country (Brazil, Italy); any likeness is chance."""


def _words(*texts: str) -> tuple[tuple[str, ...], ...]:
    """One tuple of words for each text; an underscore stands for a space."""
    return tuple(tuple(word.replace("_", " ") for word in text.split()) for text in texts)


FIRST = _words(
    """
    Adriana Alice Amanda Ana André Antônio Beatriz Bianca Caio Camila Carla Carlos Cecília Cláudia Daniel
    Diego Eduarda Eliane Enzo Fábio Felipe Fernanda Flávia Gabriel Guilherme Heitor Isabela Jéssica João
    Jorge José Juliana Larissa Letícia Lívia Lucas Luciana Luís Luiza Marcelo Márcia Marcos Maria Mariana
    Mateus Miguel Natália Patrícia Pedro Rafael Renato Ricardo Roberta Rodrigo Samuel Sandra Sílvia Sofia
    Tatiana Thiago Valentina Vanessa Vera Vinícius Vitória Yasmin
    """,
    """
    Agnese Alberto Alessandra Alessandro Alice Andrea Angela Anna Antonio Aurora Barbara Beatrice Bruno
    Camilla Carlo Caterina Chiara Claudio Cristina Daniela Dario Davide Diego Edoardo Elena Elisa Emanuele
    Enrico Eva Fabio Federica Filippo Francesca Francesco Gaia Giacomo Giorgia Giorgio Giovanni Giulia Irene
    Laura Leonardo Lorenzo Luca Lucia Maddalena Marco Margherita Maria Marta Matteo Michele Monica Nicola
    Noemi Paolo Pietro Riccardo Roberta Sara Silvia Simone Stefania Tommaso Valeria Viola
    """,
)
LAST = _words(
    """
    Almeida Alves Andrade Araújo Azevedo Barbosa Barros Batista Borges Brito Campos Cardoso Carvalho Castro
    Cavalcanti Correia Costa Cunha Dias Duarte Farias Fernandes Ferreira Fonseca Freitas Garcia Gomes
    Gonçalves Lima Lopes Macedo Machado Marques Martins Medeiros Melo Mendes Monteiro Moraes Moreira Moura
    Nascimento Neves Nogueira Nunes Oliveira Pereira Pinto Pires Queiroz Ramos Reis Ribeiro Rocha Rodrigues
    Sales Santana Santos Silva Silveira Siqueira Soares Souza Tavares Teixeira Vieira
    """,
    """
    Amato Barbieri Basile Bellini Benedetti Bernardi Bianchi Bruno Caputo Carbone Caruso Cattaneo Colombo
    Conte Conti Coppola Costa Costantini Damiani Deiana Donati Esposito Fabbri Farina Ferrara Ferrari
    Ferraro Fiore Fontana Galli Gallo Gatti Gentile Giordano Giuliani Grassi Greco Grasso Guerra Leone
    Lombardi Longo Mancini Marchetti Mariani Marini Marino Martini Mazza Messina Monti Morelli Moretti Negri
    Neri Palumbo Parisi Pellegrini Ricci Rinaldi Riva Rizzi Rossetti Rossi Russo Sala Serra Testa Valentini
    Villa Vitale
    """,
)
COMPANY_KIND = _words(
    """
    Padaria Clínica Escritório Coworking Pousada Escola Livraria Estúdio Academia Oficina
    """,
    """
    Bar Studio Albergo Officina Libreria Panificio Agenzia Farmacia Cantina Palestra
    """,
)
COMPANY_NAME = _words(
    """
    Aurora Beira-Mar Cedro Girassol Horizonte Ipê_Roxo Jangada Lagoa Mirante Nova_Era Orquídea Primavera
    Quintal Recanto Serra_Azul Tamarindo Vale_Verde Vento_Sul
    """,
    """
    Alba Belvedere Cascina Due_Torri Fontanella Ginestra Il_Gelso La_Quercia Le_Rondini Magnolia Naviglio
    Oleandro Ponte_Vecchio Quadrifoglio San_Luca Tre_Fiumi Villa_Verde Zefiro
    """,
)
