"""bcrypt, as it is and under what others put around it."""

import base64
import hashlib
import hmac
import warnings

import bcrypt
from django.contrib.auth.hashers import BCryptPasswordHasher, BCryptSHA256PasswordHasher
from passlib.hash import bcrypt_sha256

from common import (
    ACCENTS,
    EMOJI,
    LONG,
    PASSWORDS,
    PLAIN,
    SPACES,
    correct,
    malformed,
    php,
    refused,
    run,
    salt,
    salt_text,
)

warnings.filterwarnings("ignore", category=DeprecationWarning)
import crypt  # noqa: E402  The system's crypt(3): libxcrypt.

ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
PEPPER = "an invented pepper of the application's"


def bcrypt_salt(seed):
    """22 characters for 16 bytes; the last has two bits only."""
    return salt_text(21, seed, ALPHABET) + "O"


def python_bcrypt(password, identifier="2b", cost=4):
    return bcrypt.hashpw(
        password.encode(), f"${identifier}${cost:02}${bcrypt_salt(password)}".encode()
    ).decode()


def plain_rows():
    made = [
        correct("bcrypt-2b", password, python_bcrypt(password), "python-bcrypt") for password in PASSWORDS
    ]
    made += [
        correct("bcrypt-2a", password, python_bcrypt(password, "2a"), "python-bcrypt")
        for password in PASSWORDS
    ]
    settings = [f"$2y$04${bcrypt_salt(password)}" for password in PASSWORDS]
    made += [
        correct("bcrypt-2y", password, crypt.crypt(password, setting), "libxcrypt crypt(3)")
        for password, setting in zip(PASSWORDS, settings)
    ]
    made += [correct("bcrypt-2y", EMOJI, php([["bcrypt", EMOJI, 4]])[0], "PHP password_hash")]
    made += [
        correct("bcrypt-2y", PLAIN, run(["htpasswd", "-nbBC", "4", "", PLAIN]).strip()[1:], "htpasswd -B")
    ]
    made += [
        correct("bcrypt-2b", ACCENTS, python_bcrypt(ACCENTS, cost=10), "python-bcrypt, an everyday cost")
    ]
    return made + broken(made[0]["hash"])


def broken(good):
    return [
        refused(
            "bcrypt",
            crypt.crypt(PLAIN, f"$2x$04${bcrypt_salt(PLAIN)}"),
            "libxcrypt crypt(3), with the flaw of old",
        ),
        malformed("bcrypt", good[:-1], "without its last character"),
        malformed("bcrypt", good + "a", "a character too many"),
        malformed("bcrypt", good.replace("$04$", "$4$"), "a cost of one digit"),
        malformed("bcrypt", good.replace("$04$", "$03$"), "a cost below the least"),
        malformed("bcrypt", good.replace("$04$", "$31$"), "2^31 rounds"),
        malformed("bcrypt", good[:10] + "!" + good[11:], "a character that is none of its alphabet"),
    ]


def passlib_rows():
    made = []
    for version, identifier in ((1, "2a"), (1, "2b"), (2, "2b")):
        for password in PASSWORDS:
            hasher = bcrypt_sha256.using(
                version=version, ident=identifier, rounds=4, salt=bcrypt_salt(password)
            )
            made.append(correct(f"bcrypt-sha256-v{version}", password, hasher.hash(password), "passlib"))
    good = made[-1]["hash"]
    return made + [
        malformed("bcrypt-sha256-v2", good.replace("v=2", "v=3"), "a version that there is not"),
        malformed("bcrypt-sha256-v2", good.replace("r=4", "r=31"), "2^31 rounds"),
        malformed("bcrypt-sha256-v2", good[:-1], "without its last character"),
        malformed(
            "bcrypt-sha256-v1", made[0]["hash"].replace("2a,4", "2a,04"), "a cost with a zero before it"
        ),
    ]


def django_rows():
    made = []
    for name, hasher in (
        ("django-bcrypt", BCryptPasswordHasher),
        ("django-bcrypt-sha256", BCryptSHA256PasswordHasher),
    ):
        for password in PASSWORDS:
            stored = hasher().encode(password, f"$2b$04${bcrypt_salt(password)}".encode())
            made.append(correct(name, password, stored, "Django"))
    good = made[0]["hash"]
    return made + [
        malformed("django-bcrypt", good[:-1], "without its last character"),
        malformed("django-bcrypt", good.replace("$04$", "$30$"), "2^30 rounds"),
        malformed("django-bcrypt-sha256", "bcrypt_sha256$" + good, "a wrapping in a wrapping"),
    ]


def peppered_rows():
    """Devise: bcrypt of password and pepper, as it is and marked by an import as Authgraft's documentation says."""
    mark = hmac.new(PEPPER.encode(), b"authgraft pepper", hashlib.sha256).hexdigest()[:6]
    source = "python-bcrypt of password and pepper, as Devise has it"
    hashes = [
        (password, python_bcrypt(password + PEPPER, "2a")) for password in PASSWORDS if password != LONG
    ]
    devise = [correct("devise", password, stored, source, pepper=PEPPER) for password, stored in hashes]
    made = [
        correct("bcrypt-peppered", password, f"{{pepper-{mark}}}{stored}", source, pepper=PEPPER)
        for password, stored in hashes
    ]
    good = made[0]["hash"]
    return (
        devise
        + made
        + [
            malformed("bcrypt-peppered", good[:-1], "without its last character", pepper=PEPPER),
            malformed(
                "bcrypt-peppered", good.replace("{pepper-", "{pepper-0"), "a mark too long", pepper=PEPPER
            ),
            malformed("bcrypt-peppered", good.replace("$04$", "$31$"), "2^31 rounds", pepper=PEPPER),
        ]
    )


def wordpress_rows():
    made = [
        correct("wordpress", password, stored, "PHP, as wp_hash_password() of WordPress 6.8 has it")
        for password, stored in zip(WORDPRESS, php([["wordpress", password, 4] for password in WORDPRESS]))
    ]
    # The same with a salt of the script's own, which password_hash() does not take.
    digest = lambda password: base64.b64encode(
        hmac.new(b"wp-sha384", password.encode(), hashlib.sha384).digest()
    ).decode()
    made += [
        correct(
            "wordpress",
            password,
            "$wp" + python_bcrypt(digest(password), "2b").replace("$2b$", "$2y$"),
            "python-bcrypt",
        )
        for password in WORDPRESS
    ]
    good = made[-1]["hash"]
    return made + [
        malformed("wordpress", good[:-1], "without its last character"),
        malformed("wordpress", good.replace("$04$", "$31$"), "2^31 rounds"),
        malformed("wordpress", "$wp" + good, "a prefix too many"),
    ]


#: WordPress trims a password before it hashes it, and before it verifies it.
WORDPRESS = tuple(password for password in PASSWORDS if password != SPACES)


def rows():
    return plain_rows() + passlib_rows() + django_rows() + peppered_rows() + wordpress_rows()
