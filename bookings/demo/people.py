"""People who do not exist: names, `.example` addresses, telephone numbers reserved for fiction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random


def _names(text: str) -> list[str]:
    return text.split()


ENGLISH = _names(
    """
    Abigail Adrian Alice Andre Anita Arthur Beatrice Brandon Caleb Camille Cedric Charlotte Clara Colin
    Darius Dana Deborah Derek Eleanor Elijah Emma Ethan Felix Fiona Gavin Grace Hannah Harold Imani
    Irene Isaac Jada Jerome Joan Jordan Julia Keisha Kenneth Laila Leonard Lydia Malik Margaret Marcus
    Mei Miriam Naomi Nathan Nora Oliver Owen Patricia Quentin Rachel Raymond Ruth Samuel Selma Theodore
    Tyrone Ursula Victor Wendy Xavier Yusuf Zoe
    """
)
SPANISH = _names(
    """
    Adriana Alejandro Ana Beatriz Camila Carlos Daniela Diego Elena Emilio Esperanza Fernando Gabriela
    Guadalupe Hector Ignacio Isabel Javier Jimena Joaquín José Lucía Luis Marisol Mateo Mercedes Miguel
    Paloma Pilar Rafael Raúl Rocío Salvador Santiago Sofía Teresa Tomás Valentina Verónica Ximena
    """
)
ENGLISH_SURNAMES = _names(
    """
    Abbott Bailey Barnes Bell Bennett Brooks Butler Caldwell Chen Coleman Dawson Dixon Ellis Fletcher
    Foster Fields Gibbs Grant Greene Haddad Harmon Hayes Holloway Hughes Ibrahim Ingram Jenkins Kaplan
    Keller Lambert Lawson Lin Marsh Mercer Nguyen Norris Osborne Park Patel Pierce Quinn Reed Rhodes
    Sawyer Shah Sloan Stone Tate Thornton Underwood Vance Walsh Warren Whitaker Yates Young Zimmer
    """
)
SPANISH_SURNAMES = _names(
    """
    Acosta Aguilar Benítez Cabrera Calderón Castillo Delgado Domínguez Escobar Espinoza Fuentes Guerrero
    Herrera Ibarra Jiménez Lozano Maldonado Medina Montoya Navarro Ochoa Ortega Paredes Quintero Rivas
    Robles Salazar Solís Trujillo Valdez Vega Zamora
    """
)
#: One made-up number block for each area: 555-0100 to 555-0199 are never given to anybody.
AREA_CODES = {"baltimore": ("410", "443", "301"), "phoenix": ("602", "480")}
HOME_ZONES = {"baltimore": "America/New_York", "phoenix": "America/Phoenix"}
#: Patients travel: some live by another clock than their clinic's.
OTHER_ZONES = ("America/Chicago", "America/Los_Angeles", "America/Denver")
#: What those who agree to texts were asked.
MAY_WE_TEXT = {
    "en": "May we send you texts about your appointments? You can stop them at any time by replying STOP.",
    "es": "¿Podemos enviarle mensajes de texto sobre sus citas? Puede detenerlos respondiendo STOP.",
}
_ASCII = str.maketrans("áéíóúñ", "aeioun")


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """One made-up patient, and the clinic they go to."""

    clinic: str
    first_name: str
    last_name: str
    birth_date: date
    email: str
    phone: str
    time_zone: str
    language: str

    @property
    def agrees_to_texts(self) -> bool:
        """Four of five who have a telephone do."""
        return bool(self.phone) and int(self.phone[-1]) % 5 != 4


def patients(count: int, *, random: Random, today: date) -> list[DemoPatient]:
    """`count` patients, the same for the same `random`: three in four in Baltimore, one in four Spanish.

    Nobody shares a name. A few have no telephone, a few no email, and everybody has one of the two.
    """
    names: set[tuple[str, str]] = set()
    people = []
    for number in range(count):
        clinic = "phoenix" if number % 4 == 3 else "baltimore"
        language = "es" if random.random() < 0.25 else "en"
        first, last = _name(language, names, random)
        address = f"{first}.{last}@mail.example".lower().translate(_ASCII)
        codes = AREA_CODES[clinic]
        phone = f"+1{codes[number % len(codes)]}555{100 + (number // len(codes)) % 100:04d}"
        reachable = random.random()
        people.append(
            DemoPatient(
                clinic=clinic,
                first_name=first,
                last_name=last,
                birth_date=today - timedelta(days=random.randrange(20 * 365, 78 * 365)),
                email="" if reachable < 0.05 else address,
                phone="" if 0.05 <= reachable < 0.12 else phone,
                time_zone=random.choice(OTHER_ZONES) if random.random() < 0.06 else HOME_ZONES[clinic],
                language=language,
            )
        )
    return people


def _name(language: str, taken: set[tuple[str, str]], random: Random) -> tuple[str, str]:
    first_names, surnames = (SPANISH, SPANISH_SURNAMES) if language == "es" else (ENGLISH, ENGLISH_SURNAMES)
    while True:
        name = (random.choice(first_names), random.choice(surnames))
        if name not in taken:
            taken.add(name)
            return name
