"""How often somebody may ask."""

from environ import Env


def limits(env: Env, *, demo: bool) -> dict[str, tuple[int, int]]:
    """Name → so many requests in so many seconds. A whole clinic may sit behind one address; all who try out
    a demo, and its load tests, do.
    """
    ease = 100 if demo else 1
    return {
        "login-codes of a contact": (env.int("LOGIN_CODES_PER_CONTACT", default=5 * ease), 900),
        "login-codes of an address": (env.int("LOGIN_CODES_PER_ADDRESS", default=300 * ease), 3600),
        "wrong passwords of an account": (env.int("WRONG_PASSWORDS_PER_ACCOUNT", default=30), 900),
        "sign-in links of a contact": (env.int("SIGN_IN_LINKS_PER_CONTACT", default=5 * ease), 900),
        "holds of an address": (env.int("HOLDS_PER_ADDRESS", default=600 * ease), 3600),
        "holds of a patient": (env.int("HOLDS_PER_PATIENT", default=60 * ease), 3600),
        "plans of an address": (env.int("PLANS_PER_ADDRESS", default=3000 * ease), 3600),
    }
