"""What says that nobody signs in, what is refused by name, and what is nobody's."""

import crypt  # The system's crypt(3): libxcrypt.

from passlib import hash as hashers

from common import PLAIN, refused, salt_text, unidentified, unusable

USELESS = (
    ("", "nothing at all"),
    ("!", "shadow(5): no password"),
    ("*", "shadow(5): no password"),
    ("!!", "shadow(5): never had a password"),
    ("!" + "9wa845vn7098ythaehasldkfj", "Django's writing of set_unusable_password()"),
    ("!$6$rounds=1000$abcdefgh$" + "a" * 86, "passwd -l: locked"),
)

#: Settings of crypt(3) for what is recognised and refused by name.
REFUSED = (("yescrypt", "$y$j75$"), ("gost-yescrypt", "$gy$j75$"), ("sunmd5", "$md5,rounds=1$"))

#: What passlib makes of them; some take a user's name.
REFUSED_OF_PASSLIB = (
    ("des_crypt", {"salt": "ad"}, {}),
    ("bsdi_crypt", {"salt": "adaa", "rounds": 101}, {}),
    ("django_des_crypt", {"salt": "ad"}, {}),
    ("bsd_nthash", {}, {}),
    ("mysql41", {}, {}),
    ("mssql2000", {"salt": b"adaa"}, {}),
    ("mssql2005", {"salt": b"adaa"}, {}),
    ("postgres_md5", {}, {"user": "ada"}),
    ("scram", {"salt": b"adaadaad", "rounds": 1000}, {}),
)

NOBODYS = (
    (" ", "a space"),
    ("correct horse battery staple", "a password in the clear"),
    ("$", "a dollar"),
    ("$99$abcdefgh$abcdefgh", "a number of crypt(3) that there is not"),
    ("{UNHEARD}abcdefgh", "a scheme that there is not"),
    ("ada@example.com", "an address"),
    ("\u0000\u0001\u0002", "control characters"),
    ("𝔞𝔡𝔞", "letters beyond the basic plane"),
)


def hasher_of(name, settings):
    hasher = getattr(hashers, name)
    return hasher.using(**settings) if settings else hasher


def rows():
    made = [
        refused(name, crypt.crypt(PLAIN, setting + salt_text(8, name) + "$"), "libxcrypt crypt(3)")
        for name, setting in REFUSED
    ]
    made += [
        refused(name, hasher_of(name, settings).hash(PLAIN, **context), "passlib")
        for name, settings, context in REFUSED_OF_PASSLIB
    ]
    return (
        [unusable("unusable", stored, why) for stored, why in USELESS]
        + made
        + [unidentified("none", stored, f"by hand: {why}") for stored, why in NOBODYS]
    )
