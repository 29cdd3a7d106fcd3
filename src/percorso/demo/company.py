"""The demo company's own facts: Brumora sells coffee to homes and offices in Brazil and Italy.

Everything here is invented; any likeness to a real company, product or carrier is chance.
"""

from dataclasses import dataclass
from datetime import date

from percorso.demo.calendars import holidays

NAME = "Brumora"
TIME_ZONE = "America/Sao_Paulo"
BUSINESS_HOURS = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
COUNTRIES = ("BR", "IT")
CURRENCIES = ("BRL", "EUR")
LANGUAGES = ("pt-BR", "it", "en")


def workspace(until: date) -> dict[str, object]:
    """Name, time zone, business hours and Brazilian holidays with which the demo's figures are to be read."""
    days = [d.isoformat() for year in range(until.year - 2, until.year + 1) for d in holidays("BR", year)]
    return {"name": NAME, "time_zone": TIME_ZONE, "business_hours": BUSINESS_HOURS, "holidays": days}


@dataclass(frozen=True)
class Plan:
    """A subscription: its monthly price in cents by country, its rhythm, how many leave a month, who takes it."""

    name: str
    price: tuple[int, int]
    every_days: int
    monthly_churn: float
    share: float
    rises: bool = True


PLANS = (
    Plan("Uno", (5_900, 1_490), 30, 0.030, 0.50),
    Plan("Duo", (9_900, 2_490), 30, 0.024, 0.33),
    Plan("Tutto", (14_900, 3_690), 21, 0.018, 0.17),
    Plan("Office", (48_900, 12_900), 14, 0.012, 0.0, rises=False),
)
OFFICE = 3
NO_PLAN_CHURN = 0.035


@dataclass(frozen=True)
class Product:
    """What the shop sells: how customers call it, price in cents by country, quality as a shift of the feeling."""

    name: str
    spoken: str
    category: str
    price: tuple[int, int]
    share: float
    quality: float = 0.0


PRODUCTS = (
    Product("Bourbon Amarelo 500 g", "Bourbon Amarelo", "beans", (4_690, 1_190), 12, 0.25),
    Product("Catuaí da Serra 500 g", "Catuaí da Serra", "beans", (4_290, 1_090), 11, 0.1),
    Product("Miscela Mattina 1 kg", "Miscela Mattina", "beans", (7_900, 1_790), 9, 0.0),
    Product("Miscela Notte decaf 500 g", "Miscela Notte", "beans", (5_290, 1_290), 5, -0.1),
    Product("Moído Clássico 250 g", "Moído Clássico", "ground", (2_190, 590), 10, 0.0),
    Product("Macinato Moka 250 g", "Macinato Moka", "ground", (2_290, 590), 10, 0.1),
    Product("Lume capsules x40", "Lume", "capsules", (7_290, 1_690), 13, -0.45),
    Product("Alba capsules x40", "Alba", "capsules", (7_290, 1_690), 8, -0.1),
    Product("Brisa moka pot, 3 cups", "moka Brisa", "brewing", (12_900, 2_990), 4, 0.2),
    Product("Orvalho filter kit", "kit Orvalho", "brewing", (9_900, 2_290), 3, 0.15),
    Product("Mola grinder", "Mola", "machines", (28_900, 5_990), 2, -0.3),
    Product("Serena espresso machine", "Serena", "machines", (89_900, 18_900), 1.5, -0.15),
    Product("Limpo descaler 500 ml", "Limpo", "care", (3_490, 790), 4, 0.0),
    Product("Neblina cups x2", "Neblina", "home", (6_900, 1_590), 3, 0.1),
    Product("Tasting box", "box", "gifts", (11_900, 2_690), 4, 0.3),
    Product("Cantuccini 300 g", "Cantuccini", "food", (3_290, 690), 3, 0.05),
)
COFFEES = 8  # the first products are coffee: only they have a taste
BOX = "Subscription box"


@dataclass(frozen=True)
class Carrier:
    """Who delivers, where (0 Brazil, 1 Italy), and the share that comes late in an ordinary week."""

    name: str
    country: int
    late: float


CARRIERS = (
    Carrier("Rota Sul", 0, 0.075),
    Carrier("Expresso Ipanema", 0, 0.105),
    Carrier("Corriere Appia", 1, 0.15),
    Carrier("Via Veloce", 1, 0.06),
)
FAR_LATE = 0.03  # added in regions far from the warehouse

# By country: region, weight, and whether it is far from the warehouse.
REGIONS = (
    (("SP", 38, 0), ("MG", 14, 0), ("RJ", 13, 0), ("PR", 9, 0), ("RS", 8, 0), ("BA", 7, 1), ("PE", 6, 1), ("CE", 5, 1)),
    (
        *(("Lombardia", 28, 0), ("Piemonte", 17, 0), ("Lazio", 17, 0), ("Veneto", 13, 0), ("Toscana", 10, 0)),
        *(("Campania", 8, 1), ("Sicilia", 7, 1)),
    ),
)

# Support teams: Brazil's two and Italy's two get tickets at random; companies have their own.
TEAMS = ("Ipê", "Jacarandá", "Olivo", "Cipresso", "Office Care")
AGENTS = (
    ("Aline", "Bruno", "Cauê", "Débora", "Edson", "Fabiana", "Gustavo", "Helena"),
    ("Igor", "Janaína", "Kátia", "Leandro", "Marina", "Nelson", "Olívia", "Paulo"),
    ("Alessia", "Bruno", "Chiara", "Davide", "Elena"),
    ("Federico", "Giulia", "Lorenzo", "Martina", "Nicolò"),
    ("Otávio", "Paola", "Renata", "Stefano"),
)
AGENT_NAMES = tuple(f"{name} ({team})" for team, names in zip(TEAMS, AGENTS, strict=True) for name in names)

PEOPLE = {
    "Ipê": 14,
    "Jacarandá": 14,
    "Olivo": 9,
    "Cipresso": 9,
    "Office Care": 7,
    "Logistics": 22,
    "Roastery": 18,
    "Product and technology": 24,
}
PARTNERS = {"carrier": 14, "roaster": 18, "installer": 16, "contact centre": 8}

TOPICS = ("delivery", "product", "checkout", "billing", "subscription", "account", "advice", "invoice")
ACQUISITION = ("search", "social", "recommendation", "marketplace", "event", "newsletter")
MACHINES = ("moka", "espresso", "filter", "capsules", "none")
