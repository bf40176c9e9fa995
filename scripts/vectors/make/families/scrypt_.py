"""scrypt under all its names."""

import base64

import scrypt
from passlib.hash import scrypt as passlib_scrypt

from common import LONG, PASSWORDS, PLAIN, correct, malformed, salt, salt_text

import crypt  # The system's crypt(3): libxcrypt.


def b64(data):
    return base64.b64encode(data).decode()


def passlib_rows():
    made = [
        correct(
            "scrypt-phc",
            password,
            passlib_scrypt.using(salt=salt(16, password), rounds=6, block_size=8).hash(password),
            "passlib",
        )
        for password in PASSWORDS
    ]
    made += [
        correct(
            "scrypt-phc",
            PLAIN,
            passlib_scrypt.using(salt=salt(16, PLAIN), rounds=14).hash(PLAIN),
            "passlib, an everyday cost",
        )
    ]
    good = made[0]["hash"]
    return made + [
        malformed("scrypt-phc", good.replace("ln=6", "ln=31"), "2^31 blocks"),
        malformed("scrypt-phc", good.replace("ln=6", "ln=06"), "a number with a zero before it"),
        malformed("scrypt-phc", good.replace(",r=8", ""), "a parameter that is not there"),
        malformed("scrypt-phc", good.replace("r=8", "r=1073741824"), "blocks of 2^37 bytes"),
        malformed("scrypt-phc", good[:-1], "without its last character"),
    ]


def crypt_rows():
    made = [
        correct(
            "scrypt-7",
            password,
            crypt.crypt(password, f"$7$46..../....{salt_text(22, password)}$"),
            "libxcrypt crypt(3)",
        )
        for password in PASSWORDS
    ]
    passlib = passlib_scrypt.using(ident="$7$", salt=salt_text(16, "passlib").encode(), rounds=6)
    made += [correct("scrypt-7", password, passlib.hash(password), "passlib") for password in (PLAIN, LONG)]
    good = made[0]["hash"]
    return made + [
        malformed("scrypt-7", good.replace("$7$4", "$7$T"), "2^31 blocks"),
        malformed("scrypt-7", good[:-1], "without its last character"),
        malformed("scrypt-7", good.replace("$7$4", "$7$!"), "a cost that is none"),
        malformed("scrypt-7", good + "$", "something after the digest"),
    ]


def with_python_scrypt(password, made_salt, n=64, length=64):
    """The other implementation: libscrypt of Tarsnap's author, not OpenSSL's."""
    return scrypt.hash(password.encode(), made_salt, n, 8, 1, length)


def django_rows():
    made = []
    for password in PASSWORDS:
        text = salt_text(22, password)
        key = with_python_scrypt(password, text.encode())
        made.append(
            correct(
                "django-scrypt",
                password,
                f"scrypt$64${text}$8$1${b64(key)}",
                "python-scrypt, written down as Django 4 does",
            )
        )
    good = made[0]["hash"]
    return made + [
        malformed(
            "django-scrypt", good.replace("$64$", "$65$"), "a number of blocks that is no power of two"
        ),
        malformed("django-scrypt", good.replace("$64$", "$2147483648$"), "2^31 blocks"),
        malformed("django-scrypt", good[:-1], "without its padding"),
        malformed("django-scrypt", good + "$", "something after the digest"),
    ]


def werkzeug_rows():
    made = []
    for password in PASSWORDS:
        text = salt_text(16, password)
        key = with_python_scrypt(password, text.encode())
        made.append(
            correct(
                "werkzeug-scrypt",
                password,
                f"scrypt:64:8:1${text}${key.hex()}",
                "python-scrypt, written down as Werkzeug 3 does",
            )
        )
    key = with_python_scrypt(PLAIN, b"everyday", 32_768)
    made.append(
        correct(
            "werkzeug-scrypt",
            PLAIN,
            f"scrypt:32768:8:1$everyday${key.hex()}",
            "python-scrypt, with Werkzeug 3's cost",
        )
    )
    good = made[0]["hash"]
    return made + [
        malformed(
            "werkzeug-scrypt", good.replace(":64:", ":65:"), "a number of blocks that is no power of two"
        ),
        malformed("werkzeug-scrypt", good.replace(":64:", ":2147483648:"), "2^31 blocks"),
        malformed("werkzeug-scrypt", good[:-1], "an odd number of hexadecimal digits"),
        malformed("werkzeug-scrypt", good.replace("8:1$", "8$"), "a parameter that is not there"),
    ]


def rows():
    return passlib_rows() + crypt_rows() + django_rows() + werkzeug_rows()
